package org.merlinmq.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.merlinmq.protocol.frame.Frame;
import org.merlinmq.protocol.frame.HeaderForm;

class CallsTest {
    private static final Duration LONG = Duration.ofSeconds(20);

    private EventLoops loops;
    private Calls calls;

    @BeforeEach
    void open() {
        loops = EventLoops.start(EventLoopsConfig.forCallers());
        // The caller serves as well: it answers with "client:" and the body.
        calls = Calls.open(loops, CallsConfig.defaults(), loop -> (connection, frame) -> {
            Frame request = frame.toFrame();
            connection.send(TestServer.answer(request(request.code(), "client:" + text(request)))
                    .withRequestId(request.requestId()));
        });
    }

    @AfterEach
    void close() {
        calls.close();
        loops.close();
    }

    static Frame request(int code, String body) {
        return new Frame(HeaderForm.JSON, code, 0, 479, 0, 0, null, Map.of(), body.getBytes(StandardCharsets.UTF_8));
    }

    static String text(Frame frame) {
        return new String(frame.body(), StandardCharsets.UTF_8);
    }

    private static CallFailedException.Reason reasonOf(CompletableFuture<?> failed) {
        try {
            failed.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof CallFailedException known) {
                return known.reason();
            }
            throw e;
        }
        throw new AssertionError("did not fail");
    }

    @Test
    void aCallIsAnswered() throws Exception {
        try (TestServer server = new TestServer()) {
            assertThat(text(calls.callAndWait(server.address(), request(1, "hello"), LONG)))
                    .isEqualTo("hello");
        }
    }

    @Test
    void answersFindTheirCallsInAnyOrder() throws Exception {
        List<Frame> parked = new ArrayList<>();
        try (TestServer server = new TestServer((connection, frame) -> {
            parked.add(frame.toFrame());
            if (parked.size() == 100) {
                for (int i = 99; i >= 0; i--) {
                    connection.send(TestServer.answer(parked.get(i)));
                }
            }
        })) {
            List<CompletableFuture<Frame>> answers = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                answers.add(calls.call(server.address(), request(1, "n" + i), LONG));
            }
            for (int i = 0; i < 100; i++) {
                assertThat(text(answers.get(i).join())).isEqualTo("n" + i);
            }
        }
    }

    @Test
    void bothSidesMayUseTheSameNumbersAtTheSameTime() throws Exception {
        List<CompletableFuture<Frame>> backwards = new ArrayList<>();
        try (TestServer server = new TestServer((connection, frame) -> {
            // Asks back before it answers, on the same connection, with numbers from the same beginning.
            Frame asked = frame.toFrame();
            CompletableFuture<Frame> back = connection.call(request(40, "back " + text(asked)), LONG);
            backwards.add(back);
            CompletableFuture<Void> answered = back.thenAccept(answer ->
                    connection.send(TestServer.answer(request(1, "forth, after " + text(answer)))
                            .withRequestId(asked.requestId())));
        })) {
            List<CompletableFuture<Frame>> answers = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                answers.add(calls.call(server.address(), request(1, "" + i), LONG));
            }
            for (int i = 0; i < 50; i++) {
                assertThat(text(answers.get(i).join())).isEqualTo("forth, after client:back " + i);
            }
            assertThat(backwards).hasSize(50).allMatch(CompletableFuture::isDone);
        }
    }

    @Test
    void callsMadeWhileConnectingGoOutInTheirOrder() throws Exception {
        List<String> arrived = new java.util.concurrent.CopyOnWriteArrayList<>();
        try (TestServer server = new TestServer((connection, frame) -> {
            arrived.add(text(frame.toFrame()));
            TestServer.echo(connection, frame);
        })) {
            List<CompletableFuture<Frame>> answers = new ArrayList<>();
            List<String> sent = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                sent.add("n" + i);
                answers.add(calls.call(server.address(), request(1, "n" + i), LONG));
            }
            answers.forEach(CompletableFuture::join);
            assertThat(arrived).containsExactlyElementsOf(sent);
        }
    }

    @Test
    void anAnswerThatNobodyWaitsForIsIgnored() throws Exception {
        try (TestServer server = new TestServer();
                RawPeer peer = server.peer()) {
            peer.send(RawPeer.request(0, 12345, 1, new byte[0])).send(RawPeer.request(1, 6, "then"));
            assertThat(peer.receive().requestId()).isEqualTo(6);
            assertThat(server.frames.get()).isEqualTo(1);
        }
    }

    @Test
    void aLateAnswerIsATimeoutAndLeavesTheConnection() throws Exception {
        try (TestServer server = new TestServer((connection, frame) -> {
            if (frame.code() != 99) {
                TestServer.echo(connection, frame);
            }
        })) {
            calls.callAndWait(server.address(), request(1, ""), LONG); // so that dialling takes none of the time below
            CompletableFuture<Frame> late = calls.call(server.address(), request(99, ""), Duration.ofMillis(30));
            assertThat(reasonOf(late)).isEqualTo(CallFailedException.Reason.TIMEOUT);
            calls.callAndWait(server.address(), request(1, ""), LONG);
            assertThat(server.opened.get()).isEqualTo(1);
        }
    }

    @Test
    void aLateAnswerClosesTheConnectionIfAskedTo() throws Exception {
        CallsConfig closing = new CallsConfig(Duration.ofSeconds(3), ConnectionLimits.defaults(), true);
        try (TestServer server = new TestServer((connection, frame) -> {
                    if (frame.code() != 99) {
                        TestServer.echo(connection, frame);
                    }
                });
                Calls strict = Calls.open(loops, closing)) {
            strict.callAndWait(server.address(), request(1, ""), LONG);
            CompletableFuture<Frame> late = strict.call(server.address(), request(99, ""), Duration.ofMillis(30));
            assertThat(reasonOf(late)).isEqualTo(CallFailedException.Reason.TIMEOUT);
            Await.until("closed", () -> server.closed.get() == 1);
            strict.callAndWait(server.address(), request(1, ""), LONG);
            assertThat(server.opened.get()).isEqualTo(2);
        }
    }

    @Test
    void aBrokenConnectionFailsItsCallsAndTheNextCallDialsAgain() throws Exception {
        try (TestServer server = new TestServer((connection, frame) -> {
            if (frame.code() == 99) {
                connection.close("on purpose");
            } else {
                TestServer.echo(connection, frame);
            }
        })) {
            CompletableFuture<Frame> broken = calls.call(server.address(), request(99, ""), LONG);
            assertThat(reasonOf(broken)).isEqualTo(CallFailedException.Reason.CLOSED);
            assertThat(text(calls.callAndWait(server.address(), request(1, "again"), LONG)))
                    .isEqualTo("again");
        }
    }

    @Test
    void nobodyThereIsSaidWithTheAddress() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        assertThatThrownBy(() -> calls.callAndWait("127.0.0.1:" + port, request(1, ""), LONG))
                .isInstanceOf(CallFailedException.class)
                .hasMessageContaining("127.0.0.1:" + port)
                .asInstanceOf(type(CallFailedException.class))
                .extracting(CallFailedException::reason)
                .isEqualTo(CallFailedException.Reason.CONNECT);
    }

    @Test
    void aHostNameIsResolved() throws Exception {
        try (TestServer server = new TestServer()) {
            String address = "localhost:" + server.listener.address().getPort();
            assertThat(text(calls.callAndWait(address, request(1, "by name"), LONG)))
                    .isEqualTo("by name");
        }
    }

    @Test
    void manyThreadsShareOneConnection() throws Exception {
        try (TestServer server = new TestServer()) {
            List<CompletableFuture<Void>> threads = new ArrayList<>();
            for (int t = 0; t < 8; t++) {
                int thread = t;
                threads.add(CompletableFuture.runAsync(() -> {
                    for (int i = 0; i < 500; i++) {
                        String body = thread + "-" + i;
                        assertThat(text(calls.call(server.address(), request(1, body), LONG)
                                        .join()))
                                .isEqualTo(body);
                    }
                }));
            }
            threads.forEach(CompletableFuture::join);
            assertThat(server.opened.get()).isEqualTo(1);
        }
    }

    @Test
    void moreCallsThanTheLimitAreRefusedHere() throws Exception {
        ConnectionLimits d = ConnectionLimits.defaults();
        ConnectionLimits two = new ConnectionLimits(
                d.maxFrameBytes(),
                d.outputHighBytes(),
                d.outputLowBytes(),
                d.outputMaxBytes(),
                d.idle(),
                d.frameArrival(),
                2);
        try (TestServer server = new TestServer((connection, frame) -> {});
                Calls few = Calls.open(loops, new CallsConfig(LONG, two, false))) {
            CompletableFuture<Frame> first = few.call(server.address(), request(1, ""), LONG);
            CompletableFuture<Frame> second = few.call(server.address(), request(1, ""), LONG);
            assertThat(reasonOf(few.call(server.address(), request(1, ""), LONG)))
                    .isEqualTo(CallFailedException.Reason.REJECTED);
            few.disconnect(server.address(), "the end of the test");
            assertThat(reasonOf(first)).isEqualTo(CallFailedException.Reason.CLOSED);
            assertThat(reasonOf(second)).isEqualTo(CallFailedException.Reason.CLOSED);
        }
    }

    @Test
    void waitingOnALoopIsRefused() throws Exception {
        try (TestServer server = new TestServer()) {
            CompletableFuture<Throwable> refused = new CompletableFuture<>();
            loops.loop(0).execute(() -> {
                try {
                    calls.callAndWait(server.address(), request(1, ""), LONG);
                    refused.complete(new AssertionError("it waited"));
                } catch (IllegalStateException | InterruptedException e) {
                    refused.complete(e);
                }
            });
            assertThat(refused.join()).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void aCallMadeForAnOverdueOneLeavesTheOthersTheirTimeout() throws Exception {
        try (TestServer server = new TestServer((connection, frame) -> {})) {
            List<CompletableFuture<Frame>> overdue = new ArrayList<>();
            List<CompletableFuture<Frame>> again = new java.util.concurrent.CopyOnWriteArrayList<>();
            for (int i = 0; i < 20; i++) {
                CompletableFuture<Frame> call = calls.call(server.address(), request(99, ""), Duration.ofMillis(30));
                overdue.add(call);
                CompletableFuture<Void> unused = call.handle((answer, failure) -> {
                    again.add(calls.call(server.address(), request(99, "again"), Duration.ofMinutes(10)));
                    return null;
                });
            }
            // A call is done a moment before what hangs on it has run.
            Await.until("all were made again", () -> again.size() == 20);
            assertThat(overdue).allMatch(CompletableFuture::isDone);
            assertThat(again).noneMatch(CompletableFuture::isDone);
        }
    }

    @Test
    void bigAnswersAreReadWhileBigRequestsGoOut() throws Exception {
        try (TestServer server = new TestServer()) {
            String body = "x".repeat(4 << 20);
            List<CompletableFuture<Frame>> answers = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                answers.add(calls.call(server.address(), request(1, body), Duration.ofMinutes(10)));
            }
            Await.until("all are answered", () -> answers.stream().allMatch(CompletableFuture::isDone));
            assertThat(answers)
                    .allSatisfy(answer -> assertThat(answer.join().body()).hasSize(4 << 20));
        }
    }

    @Test
    void aCallBeyondWhatMayBeUnsentIsRefusedAndTheOthersGoOn() throws Exception {
        ConnectionLimits small = ConnectionLimits.defaults().withOutput(0, 1 << 20, 4 << 20);
        CompletableFuture<Connection> stuck = new CompletableFuture<>();
        try (TestServer server = new TestServer((connection, frame) -> {
                    if (stuck.complete(connection)) {
                        connection.stopReading();
                    }
                });
                Calls bounded = Calls.open(loops, new CallsConfig(LONG, small, false))) {
            CompletableFuture<Frame> first = bounded.call(server.address(), request(1, ""), Duration.ofMinutes(10));
            stuck.join();
            String body = "x".repeat(1 << 20);
            List<CompletableFuture<Frame>> filling = new ArrayList<>();
            while (filling.stream().noneMatch(CompletableFuture::isDone)) {
                assertThat(filling).hasSizeLessThan(100);
                filling.add(bounded.call(server.address(), request(1, body), Duration.ofMinutes(10)));
                loopsPassed();
            }
            assertThatThrownBy(() -> filling.get(filling.size() - 1).join())
                    .hasMessageContaining(server.address())
                    .hasMessageContaining("outputMaxBytes=4194304");
            assertThat(first).isNotDone();
            assertThat(filling.subList(0, filling.size() - 1)).noneMatch(CompletableFuture::isDone);
        }
    }

    private void loopsPassed() {
        CompletableFuture.runAsync(() -> {}, loops.loop(0)::execute).join();
    }

    @Test
    void aCallThatIsTooBigForAFrameFailsAndLeavesTheConnectionWhole() throws Exception {
        try (TestServer server = new TestServer()) {
            CompletableFuture<Frame> huge = calls.call(server.address(), request(1, "x".repeat(16 << 20)), LONG);
            assertThat(reasonOf(huge)).isEqualTo(CallFailedException.Reason.REJECTED);
            assertThat(text(calls.callAndWait(server.address(), request(1, "small"), LONG)))
                    .isEqualTo("small");
            assertThat(server.opened.get()).isEqualTo(1);
        }
    }

    @Test
    void everyCallOnLoopsThatHaveEndedFails() throws Exception {
        try (TestServer server = new TestServer()) {
            Connection connection = calls.connection(server.address()).join();
            loops.close();
            for (int i = 0; i < 3; i++) {
                CompletableFuture<Frame> call = connection.call(request(1, ""), LONG);
                assertThat(call).isCompletedExceptionally();
                assertThat(reasonOf(call)).isEqualTo(CallFailedException.Reason.REJECTED);
            }
        }
    }

    @Test
    void aHostNameIsFollowedToWhereItLeadsNow() throws Exception {
        AtomicReference<String> leads = new AtomicReference<>("127.0.0.1");
        try (TestServer first = new TestServer();
                TestServer second = at("127.0.0.3", first.listener.address().getPort());
                Calls named = Calls.open(loops, CallsConfig.defaults(), loop -> (connection, frame) -> {}, host -> {
                    if (leads.get().isEmpty()) {
                        throw new UnknownHostException(host);
                    }
                    return InetAddress.getAllByName(leads.get());
                })) {
            String address = "ns.example:" + first.listener.address().getPort();
            assertThat(named.disconnectIfMoved(address))
                    .as("nothing is connected")
                    .isFalse();
            named.callAndWait(address, request(1, "a"), LONG);
            assertThat(named.disconnectIfMoved(address)).as("it did not move").isFalse();
            leads.set("");
            assertThat(named.disconnectIfMoved(address))
                    .as("the name service is down")
                    .isFalse();
            leads.set("127.0.0.3");
            named.callAndWait(address, request(1, "b"), LONG);
            assertThat(first.frames).as("a connection stays where it is").hasValue(2);
            assertThat(named.disconnectIfMoved(address)).isTrue();
            named.callAndWait(address, request(1, "c"), LONG);
            assertThat(second.frames).hasValue(1);
            assertThat(named.disconnectIfMoved(address)).isFalse();
            leads.set("");
            named.disconnect(address, "test");
            assertThat(reasonOf(named.call(address, request(1, "d"), LONG)))
                    .isEqualTo(CallFailedException.Reason.CONNECT);
        }
    }

    private static TestServer at(String host, int port) {
        return new TestServer(
                TestServer::echo,
                config -> ListenerConfig.on(new InetSocketAddress(host, port)),
                new EventLoopsConfig(2, 64 << 20, "net"));
    }

    @Test
    void aTaskThatFailsBadlyDoesNotTakeTheNextOnesAlong() {
        CompletableFuture<Void> queued = new CompletableFuture<>();
        CompletableFuture<Void> after = new CompletableFuture<>();
        NetLoop loop = loops.loops().get(0);
        // While the loop is busy both tasks gather for one turn.
        loop.eventLoop().execute(queued::join);
        loop.execute(() -> {
            throw new StackOverflowError("on purpose");
        });
        loop.execute(() -> after.complete(null));
        queued.complete(null);
        Await.until("the next task has run", after::isDone);
    }
}
