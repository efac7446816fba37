package org.merlinmq.transport.dispatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.protocol.frame.FieldException;
import org.merlinmq.protocol.frame.Frame;
import org.merlinmq.protocol.frame.FrameScan;
import org.merlinmq.transport.Calls;
import org.merlinmq.transport.CallsConfig;
import org.merlinmq.transport.Connection;
import org.merlinmq.transport.EventLoops;
import org.merlinmq.transport.EventLoopsConfig;
import org.merlinmq.transport.Listener;
import org.merlinmq.transport.ListenerConfig;

/** Which handler a request comes to, and what becomes of its answer or failure. */
class DispatcherTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Access GET = Access.of(Access.Resource.TOPIC, Access.Action.GET);
    private static final Access PUB = Access.of(Access.Resource.TOPIC, Access.Action.PUB);

    private final Handlers handlers = new Handlers();
    private final OnewayRefusals onewayRefusals = new OnewayRefusals(System::nanoTime, line -> {});
    private final List<String> readsDone = new ArrayList<>();
    private final EventLoops loops = EventLoops.start(new EventLoopsConfig(1, 64 << 20, "net"));
    private final Calls calls = Calls.open(loops, CallsConfig.defaults());
    private boolean busy;
    private Listener listener;

    /** Answers a send in place, or fails as its body says. */
    private final class Sends implements LoopHandler {
        private final LoopReplies replies;

        Sends(LoopReplies replies) {
            this.replies = replies;
        }

        @Override
        public void frame(Connection connection, FrameScan frame) {
            switch (new String(frame.toFrame().body(), StandardCharsets.UTF_8)) {
                case "field" -> throw new FieldException("the header field e is missing");
                case "disk" -> {
                    // Begun, and taken back.
                    replies.begin(connection, LoopReplies.token(frame), ResponseCode.SUCCESS);
                    throw new UncheckedIOException(new java.io.IOException("the disk"));
                }
                default ->
                    replies.begin(connection, LoopReplies.token(frame), ResponseCode.SUCCESS)
                            .remark("in place for " + connection.attachment())
                            .end();
            }
        }

        @Override
        public void readsDone() {
            readsDone.add("sends");
        }
    }

    @BeforeEach
    void listen() {
        handlers.notServed(RequestCode.SWITCH_TIMER_ENGINE, "there is nothing to switch");
        handlers.on(RequestCode.GET_MAX_OFFSET, GET, request -> Answer.ok(request.body()))
                .on(RequestCode.GET_MIN_OFFSET, GET, request -> {
                    throw new IllegalStateException("a bug");
                })
                .on(
                        RequestCode.GET_TOPIC_CONFIG,
                        GET,
                        request -> Answer.later(CompletableFuture.completedFuture(Answer.ok(new byte[] {7}))))
                .blocking(
                        RequestCode.HEART_BEAT,
                        GET,
                        request -> Answer.refuse(
                                ResponseCode.NO_PERMISSION,
                                Thread.currentThread().getName()));
        listener = Listener.start(
                ListenerConfig.on(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)),
                loops,
                loop -> dispatcher());
    }

    private Dispatcher dispatcher() {
        LoopReplies replies = new LoopReplies(
                onewayRefusals,
                (code, from, fault) -> fault instanceof UncheckedIOException
                        ? new Refusal(ResponseCode.SERVICE_NOT_AVAILABLE, "mapped")
                        : null);
        return new Dispatcher(handlers, replies, this::elsewhere, connection -> "a session", connection -> {})
                .inPlace(new Sends(replies), PUB, RequestCode.SEND_MESSAGE, RequestCode.SEND_MESSAGE_V2);
    }

    private void elsewhere(Runnable task) {
        if (busy) {
            throw new RejectedExecutionException("busy");
        }
        Thread thread = new Thread(task, "elsewhere");
        thread.start();
    }

    @AfterEach
    void close() {
        listener.close();
        calls.close();
        loops.close();
    }

    private Frame ask(RequestCode code, String body) throws InterruptedException {
        return calls.callAndWait(
                listener.address().getAddress().getHostAddress() + ":"
                        + listener.address().getPort(),
                Frame.request(code, null, body.getBytes(StandardCharsets.UTF_8)).withFields(Map.of()),
                PATIENCE);
    }

    private static void assertAnswer(Frame answer, ResponseCode code, String remark) {
        assertThat(answer.code()).as("%s", answer.remark()).isEqualTo(code.number());
        assertThat(answer.remark()).isEqualTo(remark);
    }

    @Test
    void hotRequestsAreAnsweredInPlaceAndHearOfTheEndOfEachRead() throws InterruptedException {
        assertAnswer(ask(RequestCode.SEND_MESSAGE, ""), ResponseCode.SUCCESS, "in place for a session");
        assertAnswer(ask(RequestCode.SEND_MESSAGE_V2, ""), ResponseCode.SUCCESS, "in place for a session");
        assertThat(readsDone).isNotEmpty();
    }

    @Test
    void othersGoByTheTableOnTheLoopOrElsewhere() throws InterruptedException {
        Frame echoed = ask(RequestCode.GET_MAX_OFFSET, "abc");
        assertThat(new String(echoed.body(), StandardCharsets.UTF_8)).isEqualTo("abc");
        assertAnswer(ask(RequestCode.HEART_BEAT, ""), ResponseCode.NO_PERMISSION, "elsewhere");
        assertThat(ask(RequestCode.GET_TOPIC_CONFIG, "").body()).containsExactly(7);
    }

    @Test
    void whatNobodyAnswersIsRefused() throws InterruptedException {
        assertAnswer(
                ask(RequestCode.QUERY_MESSAGE, ""),
                ResponseCode.REQUEST_CODE_NOT_SUPPORTED,
                " request type 12 not supported");
    }

    @Test
    void theRefusalOfWhatIsNotServedNamesWhatToUseInstead() throws InterruptedException {
        assertAnswer(
                ask(RequestCode.SWITCH_TIMER_ENGINE, ""),
                ResponseCode.REQUEST_CODE_NOT_SUPPORTED,
                " request type 5001 not supported: there is nothing to switch");
        assertThatThrownBy(() -> handlers.on(RequestCode.SWITCH_TIMER_ENGINE, GET, request -> Answer.ok()))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> handlers.notServed(RequestCode.GET_MAX_OFFSET, "it is"))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aMissingFieldAndAKnownFaultAreRefusedAndTheConnectionStays() throws InterruptedException {
        assertAnswer(
                ask(RequestCode.SEND_MESSAGE, "field"), ResponseCode.SYSTEM_ERROR, "the header field e is missing");
        assertAnswer(ask(RequestCode.SEND_MESSAGE, "disk"), ResponseCode.SERVICE_NOT_AVAILABLE, "mapped");
        assertThat(listener.connectionCount()).isEqualTo(1);
    }

    @Test
    void aBugInAHandlerIsAnsweredWithCodeOne() throws InterruptedException {
        assertAnswer(ask(RequestCode.GET_MIN_OFFSET, ""), ResponseCode.SYSTEM_ERROR, "IllegalStateException: a bug");
    }

    @Test
    void oneMoreThanCanBeWorkedOnIsRefusedAsBusy() throws InterruptedException {
        busy = true;
        assertThat(ask(RequestCode.HEART_BEAT, "").code()).isEqualTo(ResponseCode.SYSTEM_BUSY.number());
    }

    @Test
    void aCodeHasOneHandlerAndAnAccess() {
        assertThatThrownBy(() -> handlers.on(RequestCode.GET_MAX_OFFSET, GET, request -> Answer.ok()))
                .isInstanceOf(IllegalStateException.class);
        Dispatcher dispatcher = dispatcher();
        assertThat(dispatcher.access(RequestCode.SEND_MESSAGE)).isEqualTo(PUB);
        assertThat(dispatcher.access(RequestCode.GET_MAX_OFFSET)).isEqualTo(GET);
        assertThat(dispatcher.access(RequestCode.QUERY_MESSAGE)).isNull();
    }
}
