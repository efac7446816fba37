package org.merlinmq.verification.transaction;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.merlinmq.protocol.body.TransactionPage;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.verification.server.Server;
import org.merlinmq.verification.server.SharedServer;
import org.merlinmq.verification.server.Talk;

/**
 * Three producers and the broker are killed at random: each transaction ends as its producer decided, none is delivered
 * twice, and none is left open. {@code -DtransactionSeconds=600} for longer.
 */
@Isolated("the load would disturb the others, and they it")
class TransactionTortureTest {
    private static final int SECONDS = Integer.getInteger("transactionSeconds", 60);
    private static final int PRODUCERS = 3;
    private static final int QUEUES = 4;
    private static final String TOPIC = "TortureTopic";

    private final Set<Long> acknowledged = ConcurrentHashMap.newKeySet();
    private final List<TransactionalProducer> producers = new ArrayList<>();

    @Test
    void eachTransactionEndsAsItsProducerDecidedWhateverIsKilled() throws Exception {
        long seed = Long.getLong("merlin.seed", System.nanoTime());
        SplittableRandom random = new SplittableRandom(seed);
        Path folder = SharedServer.freshFolder("torture-");
        int kills = 0;
        Map<String, String> settings = Map.of(
                "transactionTimeOut", "300",
                "transactionCheckInterval", "500",
                "transactionCheckMax", "1000");
        try (Server server = Server.merlin(folder, folder.resolve("data"), settings)) {
            try (Talk broker = new Talk(server.broker())) {
                broker.topic(TOPIC, QUEUES);
            }
            for (int id = 1; id <= PRODUCERS; id++) {
                producers.add(new TransactionalProducer(id, TOPIC, server.broker(), random.split(), acknowledged));
            }
            producers.forEach(Thread::start);
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
            while (System.nanoTime() - end < 0) {
                // Nobody counts it down: the kill comes at a random moment.
                boolean never = new CountDownLatch(1).await(random.nextInt(500, 5_000), TimeUnit.MILLISECONDS);
                assert !never;
                server.kill();
                kills++;
                server.startAgain();
            }
            producers.forEach(TransactionalProducer::stopSending);
            try (Talk broker = new Talk(server.broker())) {
                Awaitility.await("the last decisions")
                        .atMost(Duration.ofSeconds(90))
                        .pollInterval(Duration.ofMillis(200))
                        .until(() -> open(broker) == 0);
                endProducers();
                audit(broker);
            }
        } catch (AssertionError | RuntimeException failed) {
            endProducers();
            throw new AssertionError(
                    "after " + kills + " kills; repeat with -Dtest=TransactionTortureTest -Dmerlin.seed=" + seed
                            + "; its data is in " + folder + ": " + failed.getMessage(),
                    failed);
        }
        assertThat(acknowledged.size()).as("transactions begun").isGreaterThan(100);
    }

    private void endProducers() throws InterruptedException {
        producers.forEach(TransactionalProducer::end);
        for (TransactionalProducer producer : producers) {
            producer.join();
            assertThat(producer.wrong).isNull();
        }
    }

    private static long open(Talk broker) throws IOException {
        return TransactionPage.read(broker.ask(RequestCode.LIST_TRANSACTIONS, Map.of(), new byte[0])
                        .body())
                .open();
    }

    private void audit(Talk broker) throws IOException {
        Set<Long> delivered = new HashSet<>();
        RecordView message = new RecordView();
        for (int queue = 0; queue < QUEUES; queue++) {
            for (byte[] record : broker.read(TOPIC, queue)) {
                assertThat(message.on(record, 0, record.length)).isTrue();
                long number = Long.parseLong(new String(record, message.bodyAt(), message.bodyBytes(), UTF_8));
                assertThat(delivered.add(number))
                        .as("%s is delivered once", number)
                        .isTrue();
                assertThat(TransactionalProducer.commits(number))
                        .as("%s was committed", number)
                        .isTrue();
            }
        }
        for (long number : acknowledged) {
            if (TransactionalProducer.commits(number)) {
                assertThat(delivered.contains(number))
                        .as("%s was committed and is there", number)
                        .isTrue();
            }
        }
        System.out.println("torture: " + acknowledged.size() + " transactions, " + delivered.size() + " delivered");
    }
}
