package org.merlinmq.verification.crash;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.merlinmq.verification.server.Repository;
import org.merlinmq.verification.server.Server;
import org.merlinmq.verification.server.SharedServer;
import org.merlinmq.verification.server.Talk;

@Isolated("the load would disturb the others, and they it")
class CrashTest {
    private static final int KILLS = Integer.getInteger("kills", 15);
    private static final int QUEUES = 4;
    private static final int PRODUCERS = 8;
    private static final int WHOLE_AUDIT_EVERY = 10;
    private static final String TOPIC = "CrashTopic";

    @ParameterizedTest
    @ValueSource(strings = {"ASYNC_FLUSH", "SYNC_FLUSH"})
    void whatWasAcknowledgedIsThereAfterEachKill(String flush) throws Exception {
        long seed = Long.getLong("merlin.seed", System.nanoTime());
        SplittableRandom random = new SplittableRandom(seed);
        Acknowledged acknowledged = new Acknowledged(QUEUES);
        Audit audit = new Audit(TOPIC, acknowledged);
        long began = System.nanoTime();
        long unasked = 0;
        int kills = 0;
        Path folder = SharedServer.freshFolder("crash-");
        try (Server server = Server.start(folder, Map.of("flushDiskType", flush))) {
            try (Talk broker = new Talk(server.broker())) {
                broker.topic(TOPIC, QUEUES);
            }
            while (kills < KILLS) {
                long[] from = kills % WHOLE_AUDIT_EVERY == 0 ? new long[QUEUES] : acknowledged.ends();
                loadAndKill(server, acknowledged, random);
                kills++;
                server.startAgain();
                unasked = audit.run(server, from);
            }
            unasked = audit.run(server, new long[QUEUES]);
        } catch (AssertionError | RuntimeException failed) {
            throw new AssertionError(
                    "after " + kills + " kills with " + flush + "; repeat with -Dtest=CrashTest -Dmerlin.seed=" + seed
                            + "; its data is in " + folder + ": " + failed.getMessage(),
                    failed);
        }
        Repository.addTotal(
                "crash %s: %d kills, %d messages acknowledged and found, %d found that were not acknowledged, %d s, seed %d"
                        .formatted(
                                flush,
                                kills,
                                acknowledged.total(),
                                unasked,
                                (System.nanoTime() - began) / 1_000_000_000,
                                seed));
        assertThat(acknowledged.total()).as("messages acknowledged").isGreaterThan(KILLS);
    }

    private static void loadAndKill(Server server, Acknowledged acknowledged, SplittableRandom random)
            throws InterruptedException {
        Load load = new Load(TOPIC, server.broker(), acknowledged);
        load.start(PRODUCERS, random);
        // Nobody counts it down: the kill comes at a random moment.
        boolean never = new CountDownLatch(1).await(random.nextInt(100, 1_500), TimeUnit.MILLISECONDS);
        assert !never;
        server.kill();
        List<String> refusals = load.awaitEnd();
        assertThat(refusals).as("sends that were refused under load").isEmpty();
        assertThat(acknowledged.contradictions()).isEmpty();
    }
}
