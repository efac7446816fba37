package org.merlinmq.replication.member;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.merlinmq.replication.core.ReplicationSettings;
import org.merlinmq.replication.stream.Message;
import org.merlinmq.replication.stream.Message.Bits256;
import org.merlinmq.replication.stream.MessageCodec;

/** What two members send before all else; and one that is of another version, which is played by its bytes. */
final class HandshakeTest {
    private static final String SECRET = "a secret that is long enough";

    private final TestMembers members = new TestMembers();
    private final TestMember.Group group = members.group(2, 1, false);

    private static TestMember.Group with(TestMember.Group group, String secret) {
        return group.with(TestMember.Special.NONE.secret(secret));
    }

    private static void awaitReport(TestMember of, String part) {
        TestMember.await(
                () -> "\"" + part + "\" in " + of.reports,
                () -> of.reports.stream().anyMatch(each -> each.contains(part)));
    }

    @AfterEach
    void closeAll() {
        members.close();
    }

    @Test
    void membersThatKnowTheSameSecretFollowEachOther() throws IOException {
        TestMember master = members.start(with(group, SECRET), 0);
        TestMember slave = members.start(with(group, SECRET), 1);
        master.awaitLead();
        master.fill(0, 20);
        slave.awaitCopyOf(master);
    }

    @Test
    void oneThatKnowsAnotherSecretIsRefusedAndBothReportIt() throws IOException {
        assertBothReport(with(group, SECRET), with(group, SECRET + "?"), "have different shared secrets");
    }

    @Test
    void oneThatKnowsNoneIsRefusedAndBothReportIt() throws IOException {
        assertBothReport(with(group, SECRET), group, "has a shared secret, and member");
    }

    @Test
    void membersThatCountByDifferentRulesRefuseEachOtherAndBothReportIt() throws IOException {
        TestMember.Group others = members.group(2, 0, false);
        assertBothReport(group, others, "copies 1 and 0");
    }

    private void assertBothReport(TestMember.Group one, TestMember.Group other, String part) throws IOException {
        TestMember first = members.start(one, 0);
        TestMember second = members.start(other, 1);
        awaitReport(first, part);
        awaitReport(second, part);
        assertThat(first.reports).noneMatch(each -> each.contains(SECRET));
        assertThat(second.member.view().leader()).isNotEqualTo(0);
    }

    @Test
    void aSecretThatCanBeTriedOutIsRefused() {
        assertThatThrownBy(() -> new SharedSecret("short", new SecureRandom()))
                .hasMessageContaining("at least 16 characters, found 5");
    }

    /** With what the acceptor has sent, or with a proof of another connection, nobody comes in. */
    @Test
    void aProofIsGoodForOneEndOfOneConnection() {
        ReplicationSettings settings = group.settings(0);
        SharedSecret secret = new SharedSecret(SECRET, new Random(1));
        Handshake opener = new Handshake(group.settings(1), secret, true);
        Handshake acceptor = new Handshake(settings, secret, false);
        assertThat(acceptor.receive(next(opener))).isNull();
        assertThat(opener.receive(next(acceptor))).isNull();
        Message proof = next(opener);
        assertThat(acceptor.receive(proof)).isNull();
        assertThat(acceptor.isDone()).isTrue();
        Message answer = next(acceptor);
        assertThat(answer).isNotEqualTo(proof);
        assertThat(opener.receive(answer)).isNull();
        assertThat(opener.isDone()).isTrue();

        for (Message each : List.of(proof, answer, new Message.Proof(Bits256.NONE))) {
            Handshake again = new Handshake(settings, secret, false);
            assertThat(again.receive(next(new Handshake(group.settings(1), secret, true))))
                    .isNull();
            assertThat(again.receive(each)).contains("different shared secrets");
            assertThat(again.isDone()).isFalse();
        }
    }

    private static Message next(Handshake of) {
        return requireNonNull(of.next());
    }

    @Test
    void nothingElseIsTakenBefore() {
        Handshake acceptor = new Handshake(group.settings(0), new SharedSecret(SECRET, new Random(1)), false);
        assertThat(acceptor.receive(new Message.Ask(1, 2, 3))).contains("got a Ask");
        assertThat(acceptor.receive(new Message.Proof(Bits256.NONE))).contains("got a Proof");
    }

    private static ByteBuffer opening(int version) {
        ByteBuffer bytes = MessageCodec.encode(new Message.Opening(1, 1, false, List.of(0, 1), Bits256.NONE));
        return bytes.put(4, (byte) version);
    }

    @Test
    void anotherVersionIsRefusedWithASentenceThatItCanRead() throws IOException {
        TestMember master = members.start(group, 0);
        for (int version : new int[] {0, 2}) {
            try (PlayedMember other = PlayedMember.connect(master.acceptor.port(), 0)) {
                other.send(opening(version));
                String both = "this member speaks version 1 of the replication's messages, and the other end version "
                        + version + ": upgrade the member with the lower one";
                assertThat(other.read())
                        .isInstanceOfSatisfying(
                                Message.Refusal.class,
                                refusal -> assertThat(refusal.sentence()).contains(both));
                assertThat(other.read()).isNull();
                awaitReport(master, both);
            }
        }
    }

    @Test
    void aRefusalOfAnotherVersionIsReported() throws IOException {
        try (ServerSocket later = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            members.addresses.put(0, "127.0.0.1:" + later.getLocalPort());
            TestMember slave = members.start(group, 1);
            try (PlayedMember other = new PlayedMember(later.accept())) {
                assertThat(other.read()).isInstanceOf(Message.Opening.class);
                ByteBuffer refusal = MessageCodec.encode(new Message.Refusal(0, -1, "I speak version 2"));
                assertThat(refusal.get(4)).as("the same in all versions").isEqualTo((byte) 1);
                other.send(refusal);
                awaitReport(slave, "another member refuses this one: I speak version 2");
            }
        }
    }

    @Test
    void aGroupOfOtherMembersIsNamed() {
        Handshake acceptor = new Handshake(group.settings(0), null, false);
        assertThat(acceptor.receive(new Message.Opening(1, 1, false, List.of(0, 1, 2), Bits256.NONE)))
                .contains("the members [0, 1] and [0, 1, 2]");
    }

    @Test
    void aConnectionThatSendsNothingIsClosed() throws IOException {
        TestMember master = members.start(group.with(TestMember.Special.NONE.silent(100)), 0);
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), master.acceptor.port())) {
            socket.getOutputStream().write('M');
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
    }
}
