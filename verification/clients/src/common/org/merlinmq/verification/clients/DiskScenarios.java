package org.merlinmq.verification.clients;

import java.nio.file.Files;
import org.apache.rocketmq.client.consumer.DefaultMQPullConsumer;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.exception.MQBrokerException;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageQueue;

/**
 * A server whose disk fills up and gets space again. Whoever starts the program makes space scarce, kills the server and
 * so on between the scenarios, each of which goes on where the one before it ended.
 */
final class DiskScenarios {
    private static final int BODY_BYTES = 50_000;
    private static final int MOST = 20_000;
    private static final int SERVICE_NOT_AVAILABLE = 14;
    private static final int RETENTION_SECONDS = 180;

    private DiskScenarios() {}

    /** Sends until it is refused: what was acknowledged is served, and consumers and their offsets go on. */
    static void fill(Stage stage) throws Exception {
        DefaultMQProducer producer = stage.producer();
        producer.setRetryTimesWhenSendFailed(0);
        Ledger ledger = new Ledger();
        boolean first = !Files.exists(stage.keep());
        String topic = first ? stage.newTopic(producer, "", 4) : ledger.load(stage.keep());
        String sentence = "";
        for (int i = 0; i < MOST && sentence.isEmpty(); i++) {
            sentence = refusal(stage, producer, ledger, topic);
        }
        stage.check(!sentence.isEmpty(), MOST + " messages were sent and the disk is not full");
        stage.check(!first || ledger.size() > 100, "only " + ledger.size() + " messages were taken");
        stage.fact("stored", ledger.size());
        stage.fact("refusal", sentence);
        stage.check(
                sentence.contains("space") && (sentence.contains("% full") || sentence.contains("no space left")),
                "the refusal does not say that the disk is full: " + sentence);
        stage.check(
                sentence.contains("Free space") && sentence.contains("rites return"),
                "the refusal does not name the cure: " + sentence);
        stage.drain(topic).mustHoldOnce(ledger);
        consume(stage, topic, ledger);
        ledger.save(stage.keep(), topic);
        stage.check(
                !refusal(stage, producer, ledger, topic).isEmpty(), "a message was taken after others were refused");
    }

    private static void consume(Stage stage, String topic, Ledger ledger) throws Exception {
        Inbox inbox = new Inbox();
        DefaultMQPushConsumer consumer = stage.collector(group(topic), topic, "*", inbox, "c");
        consumer.start();
        PushScenarios.shutdownWhenCounted(stage, consumer, topic, ledger.size());
        inbox.mustHoldPart(ledger);
        ledger.allConsumed();
    }

    private static String group(String topic) {
        return "G_" + topic;
    }

    /** After the server was killed with its disk full: all is there, and nothing more is taken. */
    static void audit(Stage stage) throws Exception {
        Ledger ledger = new Ledger();
        String topic = ledger.load(stage.keep());
        // A group that is new cannot be made where nothing can be written.
        stage.drain(topic, group(topic)).mustHoldOnce(ledger);
        PullScenarios.awaitCommitted(stage, group(topic), topic, ledger.consumed());
        DefaultMQProducer producer = stage.producer();
        producer.setRetryTimesWhenSendFailed(0);
        stage.check(!refusal(stage, producer, ledger, topic).isEmpty(), "a message was taken on a full disk");
    }

    /** Writes return by themselves, and what was there before still is. */
    static void again(Stage stage) throws Exception {
        Ledger ledger = new Ledger();
        String topic = ledger.load(stage.keep());
        goOn(stage, ledger, topic, Stage.PATIENCE_SECONDS);
        stage.drain(topic).mustHoldOnce(ledger);
        ledger.save(stage.keep(), topic);
    }

    /** Writes return by themselves when old messages expire; what has not is still there. */
    static void expire(Stage stage) throws Exception {
        Ledger ledger = new Ledger();
        String topic = ledger.load(stage.keep());
        goOn(stage, ledger, topic, RETENTION_SECONDS);
        Inbox inbox = stage.drain(topic);
        inbox.mustHoldPart(ledger);
        DefaultMQPullConsumer reader = stage.pullConsumer(stage.group(""));
        long gone = 0;
        for (MessageQueue queue : stage.queues(reader, topic)) {
            gone += reader.minOffset(queue);
        }
        stage.fact("expired", gone);
        stage.check(gone > 0, "writes returned and nothing had expired");
        stage.checkEquals((long) ledger.size(), gone + inbox.distinct(), "what expired and what is served");
    }

    private static void goOn(Stage stage, Ledger ledger, String topic, int seconds) throws Exception {
        DefaultMQProducer producer = stage.producer();
        producer.setRetryTimesWhenSendFailed(0);
        stage.await(
                "writes to return",
                seconds,
                () -> refusal(stage, producer, ledger, topic).isEmpty());
        for (int i = 0; i < 20; i++) {
            stage.checkEquals(
                    "", refusal(stage, producer, ledger, topic), "the refusal of a send after writes returned");
        }
    }

    /** Sends one message; says why it was refused, or nothing. Any other failure fails the scenario. */
    private static String refusal(Stage stage, DefaultMQProducer producer, Ledger ledger, String topic) {
        Message message = ledger.message(topic, "T", Bodies.random(stage.random(), BODY_BYTES));
        try {
            stage.send(producer, message);
            return "";
        } catch (MQBrokerException e) {
            return refused(stage, ledger, message, e.getResponseCode(), e.getErrorMessage());
        } catch (MQClientException e) {
            String said = e.getCause() instanceof MQBrokerException
                    ? ((MQBrokerException) e.getCause()).getErrorMessage()
                    : e.toString();
            return refused(stage, ledger, message, e.getResponseCode(), said);
        } catch (Exception e) {
            throw new Failed("a send failed with " + e);
        }
    }

    private static String refused(Stage stage, Ledger ledger, Message message, int code, String said) {
        ledger.forget(message);
        stage.checkEquals(SERVICE_NOT_AVAILABLE, code, "the code of the refusal '" + said + "'");
        return said;
    }
}
