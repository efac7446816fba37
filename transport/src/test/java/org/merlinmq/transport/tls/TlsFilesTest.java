package org.merlinmq.transport.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.merlinmq.testkit.TestCertificates;

/** What the files of TLS may hold, what is said of others, and that they are read again. */
class TlsFilesTest {
    @TempDir
    static Path made;

    private static TestCertificates certificates;

    @TempDir
    Path folder;

    private Path certificate;
    private Path key;
    private Path trust;
    private final List<String> reports = new ArrayList<>();

    @BeforeAll
    static void make() throws Exception {
        certificates = new TestCertificates(made);
        certificates.makeAuthority("authority");
        certificates.make("one", "authority", List.of());
        certificates.make("other", List.of());
        certificates.make("expired", TestCertificates.EXPIRED);
    }

    @BeforeEach
    void files() throws IOException {
        certificate = folder.resolve("certificate");
        key = folder.resolve("key");
        trust = folder.resolve("trust");
        use("one");
        Files.copy(certificates.certificate("authority"), trust);
    }

    private void use(String name) throws IOException {
        Files.copy(certificates.certificate(name), certificate, StandardCopyOption.REPLACE_EXISTING);
        Files.copy(certificates.key(name), key, StandardCopyOption.REPLACE_EXISTING);
    }

    private TlsFiles read() throws IOException {
        return new TlsFiles(certificate, key, trust);
    }

    private void assertRefused(String sentence) {
        assertThatThrownBy(this::read).isInstanceOf(IOException.class).hasMessageContaining(sentence);
    }

    @Test
    void filesThatDoNotChangeAreReadOnce() throws IOException {
        TlsFiles files = read();
        SSLContext first = files.context(reports::add);
        assertThat(files.context(reports::add)).isSameAs(first);
        assertThat(reports).isEmpty();
    }

    @Test
    void filesThatChangedAreReadAgain() throws IOException {
        TlsFiles files = read();
        SSLContext first = files.context(reports::add);
        use("other");
        assertThat(files.context(reports::add)).isNotSameAs(first);
        assertThat(reports).isEmpty();
    }

    /** As between the copies of a certificate and of its key. */
    @Test
    void whatWasReadServesOnWhileTheFilesAreWrong() throws IOException {
        TlsFiles files = read();
        SSLContext first = files.context(reports::add);
        Files.copy(certificates.certificate("other"), certificate, StandardCopyOption.REPLACE_EXISTING);
        assertThat(files.context(reports::add)).isSameAs(first);
        assertThat(reports)
                .containsExactly(key + " is not the key of the first certificate of " + certificate
                        + "; what was read before is used until this is mended");
        Files.copy(certificates.key("other"), key, StandardCopyOption.REPLACE_EXISTING);
        assertThat(files.context(reports::add)).isNotSameAs(first);
        assertThat(reports).hasSize(1);
        Files.delete(trust);
        files.context(reports::add);
        assertThat(reports.get(1)).startsWith(trust + " does not exist; what was read");
    }

    @Test
    void aCertificateThatHasExpiredIsRefused() throws IOException {
        use("expired");
        assertRefused(certificate + " is valid from ");
        assertRefused("not now: make a new one");
    }

    @Test
    void theKeyOfAnotherCertificateIsRefused() throws IOException {
        Files.copy(certificates.key("other"), key, StandardCopyOption.REPLACE_EXISTING);
        assertRefused(key + " is not the key of the first certificate of " + certificate);
    }

    @Test
    void aKeyInAnotherFormIsRefusedWithTheCommandThatConvertsIt() throws IOException {
        for (String kind : List.of("RSA PRIVATE KEY", "EC PRIVATE KEY", "ENCRYPTED PRIVATE KEY")) {
            Files.writeString(key, TestCertificates.pem(kind, new byte[100]));
            assertRefused(key + " has a block BEGIN " + kind + ": expected BEGIN PRIVATE KEY (PKCS#8, not encrypted);"
                    + " convert it with openssl pkcs8 -topk8 -nocrypt");
        }
    }

    @Test
    void aDamagedKeyIsRefused() throws IOException {
        Files.writeString(key, TestCertificates.pem("PRIVATE KEY", new byte[100]));
        assertRefused(
                key + " has a private key that is damaged or of an unknown kind: expected one of RSA, EC or Ed25519");
        Files.writeString(key, Files.readString(certificates.key("one")).replace("KEY-----\nM", "KEY-----\n=M"));
        assertRefused(key + " has a damaged private key: ");
        String whole = Files.readString(certificates.key("one"));
        Files.writeString(key, whole.substring(0, whole.length() / 2));
        assertRefused(key + " has no private key: expected a block BEGIN PRIVATE KEY (PKCS#8)");
    }

    @Test
    void filesWithoutCertificatesAreRefused() throws IOException {
        Files.writeString(trust, "");
        assertRefused(trust + " has no certificate");
        Files.copy(key, certificate, StandardCopyOption.REPLACE_EXISTING);
        assertRefused(certificate + " cannot be read as certificates (");
        Files.write(certificate, new byte[2 << 20]);
        assertRefused(certificate + " has more than 1048576 bytes");
        Files.delete(certificate);
        assertRefused(certificate + " does not exist");
        Files.createDirectory(certificate);
        assertRefused(certificate + " cannot be read: ");
    }

    @Test
    void aChainInTheWrongOrderIsRefused() throws IOException {
        String chain = Files.readString(certificates.certificate("one"));
        int second = chain.lastIndexOf("-----BEGIN");
        Files.writeString(certificate, chain.substring(second) + chain.substring(0, second));
        assertRefused(key + " is not the key of the first certificate of " + certificate);
        Files.writeString(
                certificate, chain.substring(0, second) + Files.readString(certificates.certificate("other")));
        assertRefused(certificate + " and " + key + " cannot be used: ");
    }
}
