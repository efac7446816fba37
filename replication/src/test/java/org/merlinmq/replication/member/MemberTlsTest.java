package org.merlinmq.replication.member;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Random;
import java.util.Set;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.merlinmq.replication.stream.Message;
import org.merlinmq.replication.stream.Message.Bits256;
import org.merlinmq.testkit.SimDisk;
import org.merlinmq.testkit.TestCertificates;
import org.merlinmq.transport.tls.TlsFiles;

/** Members whose connections are encrypted, and who they refuse. */
final class MemberTlsTest {
    private static final String ALL_OR_NONE =
            "set broker.members-certificate, broker.members-key and broker.members-trust for all members of the group, or"
                    + " for none";

    @TempDir
    private static Path made;

    private static TestCertificates certificates = new TestCertificates(Path.of(""));

    private final TestMembers members = new TestMembers();
    private final TestMember.Group plain = members.group(2, 0, false);

    @TempDir
    private Path folder;

    @BeforeAll
    static void make() throws Exception {
        certificates = new TestCertificates(made);
        certificates.makeAuthority("authority");
        certificates.make("zero", "authority", List.of());
        certificates.make("one", "authority", List.of());
        certificates.make("stranger", List.of());
    }

    @AfterEach
    void closeAll() {
        members.close();
    }

    private static TlsFiles files(String name, Path trust) throws IOException {
        return new TlsFiles(certificates.certificate(name), certificates.key(name), trust);
    }

    private static TlsFiles files(String name) throws IOException {
        return files(name, certificates.certificate("authority"));
    }

    private TestMember.Group with(TlsFiles files) {
        return plain.with(TestMember.Special.NONE.tls(files));
    }

    private static void awaitReport(TestMember of, String... parts) {
        TestMember.await(
                () -> "\"" + List.of(parts) + "\" in " + of.reports,
                () -> of.reports.stream()
                        .anyMatch(each -> List.of(parts).stream().allMatch(each::contains)));
    }

    @Test
    void aSlaveFollowsThroughCutsOfItsConnection() throws IOException {
        TestMember master = members.start(with(files("zero")), 0);
        master.awaitLead();
        master.fill(0, 300);
        Random random = new Random(7);
        try (CuttingProxy proxy = new CuttingProxy(master.acceptor.port(), () -> {
            synchronized (random) {
                return 1L + random.nextInt(60_000);
            }
        })) {
            members.addresses.put(0, proxy.address());
            TestMember slave = members.start(with(files("one")), 1);
            int id = 300;
            while (proxy.cuts() < 15) {
                master.fill(id, 10);
                id += 10;
                int cuts = proxy.cuts();
                TestMember.await("a cut", () -> proxy.cuts() > cuts || slave.end() == master.end());
            }
            slave.awaitCopyOf(master);
        }
    }

    @Test
    void anEncryptedGroupMayHaveASecretToo() throws IOException {
        String secret = "a secret that is long enough";
        TestMember master = members.start(
                plain.with(TestMember.Special.NONE.tls(files("zero")).secret(secret)), 0);
        TestMember slave = members.start(
                plain.with(TestMember.Special.NONE.tls(files("one")).secret(secret)), 1);
        master.awaitLead();
        master.fill(0, 20);
        slave.awaitCopyOf(master);
    }

    @Test
    void aMasterWithoutCertificatesAndASlaveWithThemReportIt() throws IOException {
        TestMember master = members.start(plain, 0);
        TestMember slave = members.start(with(files("one")), 1);
        awaitReport(
                master, "the one that has connected from 127.0.0.1 uses TLS, and member 0 does not: " + ALL_OR_NONE);
        awaitReport(
                slave,
                "there is no TLS between this member and member 0 at " + members.addresses.get(0)
                        + ": that one does not use it; " + ALL_OR_NONE);
        assertThat(Set.copyOf(master.reports)).as("the same words at each try").hasSizeLessThanOrEqualTo(2);
        assertThat(slave.member.view().leader()).isNotEqualTo(0);
    }

    @Test
    void aMasterWithCertificatesAndASlaveWithoutReportIt() throws IOException {
        TestMember master = members.start(with(files("zero")), 0);
        TestMember slave = members.start(plain, 1);
        String sentence = " does not: " + ALL_OR_NONE;
        awaitReport(master, "member 0 uses TLS, and the one that has connected from 127.0.0.1", sentence);
        awaitReport(slave, "another member refuses this one: member 0 uses TLS, and ", sentence);
        assertThat(slave.member.view().leader()).isNotEqualTo(0);
    }

    @Test
    void aMemberWithACertificateOfNobodysTrustIsRefusedAndBothReportIt() throws IOException {
        TestMember master = members.start(with(files("zero")), 0);
        TestMember slave = members.start(with(files("stranger")), 1);
        awaitReport(
                master,
                "there is no TLS between this member and the one that has connected from 127.0.0.1",
                "broker.members-trust");
        awaitReport(slave, "member 0 at 127.0.0.1:", "it does not accept this member");
        assertThat(slave.member.view().leader()).isNotEqualTo(0);
    }

    @Test
    void aMemberThatTrustsAnotherAuthorityRefusesAndBothReportIt() throws IOException {
        TestMember master = members.start(with(files("zero")), 0);
        TestMember slave = members.start(with(files("one", certificates.certificate("stranger"))), 1);
        awaitReport(slave, "member 0 at 127.0.0.1:", "its certificate is not accepted: ", "broker.members-trust");
        awaitReport(master, "the one that has connected from 127.0.0.1", "it does not accept this member");
    }

    /** Its file changes while its master runs: what counts is what is there when it connects. */
    @Test
    void newConnectionsTakeFilesThatHaveChanged() throws IOException {
        Path trust = folder.resolve("trust");
        Files.copy(certificates.certificate("stranger"), trust);
        TestMember master = members.start(with(files("zero", trust)), 0);
        TestMember slave = members.start(with(files("one")), 1);
        master.awaitLead();
        awaitReport(master, "it has no certificate that is signed by one of broker.members-trust");
        Files.copy(certificates.certificate("authority"), trust, StandardCopyOption.REPLACE_EXISTING);
        slave.awaitCopyOf(master);
    }

    private static SSLSocket connect(TestMember to, KeyManager... keys) throws Exception {
        SSLContext credulous = SSLContext.getInstance("TLSv1.3");
        credulous.init(keys, new TrustManager[] {new Credulous()}, new SecureRandom());
        return (SSLSocket)
                credulous.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), to.acceptor.port());
    }

    @Test
    void oneThatShowsNoCertificateIsRefused() throws Exception {
        TestMember master = members.start(with(files("zero")), 0);
        try (PlayedMember other = new PlayedMember(connect(master))) {
            assertThat(nothingIsAnswered(other)).isTrue();
            awaitReport(master, "it has no certificate that is signed by one of broker.members-trust");
        }
    }

    /** As a member's does while that runs; Java would take one that is in the trust itself. */
    @Test
    void oneWhoseCertificateHasExpiredIsRefused() throws Exception {
        TestCertificates old = new TestCertificates(folder);
        old.make("expired", TestCertificates.EXPIRED);
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(old.store(), TestCertificates.PASSWORD.toCharArray());
        TestMember master = members.start(with(files("zero", old.certificate("expired"))), 0);
        try (PlayedMember other = new PlayedMember(connect(master, keys.getKeyManagers()))) {
            assertThat(nothingIsAnswered(other)).isTrue();
            awaitReport(master, "its certificate is not accepted: ", "NotAfter: ", "give it one that is valid");
        }
    }

    private static boolean nothingIsAnswered(PlayedMember other) {
        try {
            other.send(new Message.Opening(1, 0, false, List.of(0, 1), Bits256.NONE));
            return other.read() == null;
        } catch (IOException refused) {
            return true;
        }
    }

    @Test
    void whatIsNoHandshakeIsReported() throws IOException {
        TestMember master = members.start(with(files("zero")), 0);
        try (Socket other = new Socket(InetAddress.getLoopbackAddress(), master.acceptor.port())) {
            other.getOutputStream().write(new byte[] {TlsChannel.FIRST_BYTE, 3, 3, 0, 4, 9, 9, 9, 9});
            awaitReport(master, "there is no TLS between this member and the one that has connected from 127.0.0.1");
        }
    }

    @Test
    void oneThatStopsInTheMiddleOfAHandshakeIsClosed() throws IOException {
        TestMember master = members.start(
                plain.with(TestMember.Special.NONE.tls(files("zero")).silent(200)), 0);
        try (Socket other = new Socket(InetAddress.getLoopbackAddress(), master.acceptor.port())) {
            other.getOutputStream().write(new byte[] {TlsChannel.FIRST_BYTE, 3, 3, 1, 0, 1});
            while (other.getInputStream().read() >= 0) {
                // an alert, perhaps
            }
        }
        assertThat(master.member.view().leader()).isEqualTo(0);
    }

    @Test
    void aSlaveLeavesAMasterThatDoesNotAnswerItsHandshake() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            members.addresses.put(0, "127.0.0.1:" + silent.getLocalPort());
            members.start(plain.with(TestMember.Special.NONE.tls(files("one")).silent(200)), 1, new SimDisk());
            for (int i = 0; i < 2; i++) {
                try (Socket first = silent.accept()) {
                    assertThat(first.getInputStream().readAllBytes()).startsWith(TlsChannel.FIRST_BYTE, (byte) 3);
                }
            }
        }
    }

    /** Takes everybody's certificate. */
    private static final class Credulous extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
