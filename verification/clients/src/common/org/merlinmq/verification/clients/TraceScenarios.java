package org.merlinmq.verification.clients;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.rocketmq.client.QueryResult;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;

/** Clients that trace: what they write about a message is found by its id, as {@code mqadmin queryMsgTraceById} does. */
final class TraceScenarios {
    private static final String TRACE_TOPIC = "RMQ_SYS_TRACE_TOPIC";

    private TraceScenarios() {}

    static void traced(Stage stage) throws Exception {
        DefaultMQProducer plain = stage.producer();
        String topic = stage.newTopic(plain, "", 2);
        DefaultMQProducer producer = stage.configured(Dialect.tracingProducer("P_" + stage.group("_traced")));
        producer.setSendMsgTimeout(20_000);
        producer.start();
        stage.atClose(producer::shutdown);
        DefaultMQPushConsumer consumer = stage.configured(Dialect.tracingConsumer(stage.group("")));
        consumer.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET);
        consumer.subscribe(topic, "*");
        Inbox inbox = new Inbox();
        consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            messages.forEach(message -> inbox.add(message, "c"));
            return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
        stage.start(consumer);
        Message message = new Message(topic, "TagA", Bodies.text("traced"));
        message.setKeys("key-of-" + topic);
        long begin = System.currentTimeMillis() - 60_000;
        String id = stage.send(producer, message).getMsgId();
        stage.await("the message", () -> inbox.size() > 0);
        // Client 4.4.0 has one sender of traces in a process: the consumer's does not start beside the producer's.
        List<String> wanted = stage.oldClient() ? List.of("Pub") : List.of("Pub", "SubAfter", "SubBefore");
        stage.await("the traces", () -> traces(plain, id, begin).size() >= wanted.size());
        List<String> kinds = new ArrayList<>();
        for (String[] fields : traces(plain, id, begin)) {
            kinds.add(fields[0]);
            if (fields[0].equals("Pub")) {
                stage.checkEquals(topic, fields[4], "the topic in the trace");
                stage.checkEquals("key-of-" + topic, fields[7], "the keys in the trace");
            }
        }
        kinds.sort(null);
        stage.checkEquals(wanted, kinds, "the kinds of traces");
    }

    /** The items about a message, each as its fields. */
    private static List<String[]> traces(DefaultMQProducer producer, String id, long begin) {
        List<String[]> found = new ArrayList<>();
        try {
            QueryResult result = producer.queryMessage(TRACE_TOPIC, id, 64, begin, Long.MAX_VALUE);
            for (MessageExt traces : result.getMessageList()) {
                for (String item : new String(traces.getBody(), StandardCharsets.UTF_8).split("\u0002")) {
                    String[] fields = item.split("\u0001");
                    int idAt = fields[0].equals("SubAfter") ? 2 : 5;
                    if (fields.length > idAt && fields[idAt].equals(id)) {
                        found.add(fields);
                    }
                }
            }
        } catch (MQClientException e) {
            return List.of(); // the client's way to say that there is none
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failed("interrupted in a query");
        }
        return found;
    }
}
