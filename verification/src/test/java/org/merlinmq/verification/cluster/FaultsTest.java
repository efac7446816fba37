package org.merlinmq.verification.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.merlinmq.verification.cluster.Cluster.Setup;
import org.merlinmq.verification.cluster.Event.Acknowledged;
import org.merlinmq.verification.server.Repository;
import org.merlinmq.verification.server.SharedServer;

/**
 * Two masters, their slaves and two nameservers, each on a machine of its own, live through faults by seed: nothing that was
 * acknowledged to an official client is lost, no queue loses its order, no offset goes back without a cause, and at the end both
 * masters take sends. Each build plays the same few schedules. By hand: {@code -Dcluster.seed=7 -Dcluster.schedules=200} plays those
 * of the seeds from 7 on, {@code -Dcluster.clients=4.4.0,4.9.8,5.5.0} beside clients of these versions in turn,
 * {@code -Dcluster.conf=2m-2s-async} with the files of another folder of {@code conf},
 * {@code -Dcluster.members=true} with masters and slaves that take over from each other by command.
 */
@Isolated("what others do on the machine would be one more fault")
class FaultsTest {
    /** Both a master and a slave are paused and killed, a slave is cut off from its master, and has a full disk. */
    private static final List<Long> SEEDS_OF_EACH_BUILD = List.of(83L, 118L);

    /** A slave is promoted while its master's line is slow: consumers once passed over messages that the new master acknowledged. */
    private static final List<Long> SEEDS_OF_A_GROUP = List.of(3003L);

    private static final int MILLIS = Integer.getInteger("cluster.millis", 4_000);
    private static final Setup SETUP =
            new Setup(System.getProperty("cluster.conf", "2m-2s-sync"), true, Boolean.getBoolean("cluster.members"));

    private static final List<String> SERVERS =
            List.of("ns1", "ns2", "broker-a", "broker-a-s", "broker-b", "broker-b-s");

    @Test
    void nothingAcknowledgedIsLostWhateverGoesWrongForATime() throws Exception {
        playAll(SETUP, seeds());
    }

    @Test
    void noGroupLosesWhatItAcknowledgedThoughItsSlavesArePromoted() throws Exception {
        assumeThat(System.getProperty("cluster.seed")).as("schedules by hand").isNull();
        playAll(new Setup("2m-2s-sync", true, true), SEEDS_OF_A_GROUP);
    }

    private static void playAll(Setup setup, List<Long> seeds) throws Exception {
        Path folder = SharedServer.freshFolder("faults-");
        // Only a group's members can be promoted.
        List<Fault.Kind> kinds = Stream.of(Fault.Kind.values())
                .filter(kind -> kind != Fault.Kind.PROMOTE || setup.members())
                .toList();
        try (Cluster cluster = Cluster.start(folder, setup, "broker-a", "broker-a-s", "broker-b", "broker-b-s")) {
            for (int i = 0; i < seeds.size(); i++) {
                Schedule schedule = Schedule.of(seeds.get(i), kinds, SERVERS, MILLIS);
                play(cluster, setup, schedule, Cluster.VERSIONS.get(i % Cluster.VERSIONS.size()));
            }
            slavesHaveAll(cluster, setup, seeds.getLast());
        }
    }

    private static List<Long> seeds() {
        Long first = Long.getLong("cluster.seed");
        return first == null
                ? SEEDS_OF_EACH_BUILD
                : LongStream.range(first, first + Integer.getInteger("cluster.schedules", 1))
                        .boxed()
                        .toList();
    }

    private static void play(Cluster cluster, Setup setup, Schedule schedule, String version) throws IOException {
        FaultRun run = new FaultRun(cluster, schedule);
        String how = schedule + "\nagain: " + again(setup, schedule.seed(), version) + "\nhistory: "
                + cluster.client().folder();
        try (Recorder clients = cluster.record(
                version,
                topic(schedule.seed()),
                name(schedule.seed()),
                "create",
                "send",
                "send-ordered",
                "push",
                "orderly",
                "pull")) {
            Verdict verdict = run.play(clients);
            Repository.addTotal(
                    setup.conf() + (setup.members() ? " members" : "") + ", client " + version + ", " + schedule + ": "
                            + verdict.summary() + (run.gaps().isEmpty() ? "" : "; " + String.join("; ", run.gaps())));
            assertThat(verdict.violations()).as(how).isEmpty();
            assertThat(verdict.acknowledged()).as(how).isPositive();
        } catch (IOException | RuntimeException e) {
            throw new AssertionError(how, e);
        }
    }

    /** The command that plays it alone. */
    private static String again(Setup setup, long seed, String version) {
        return "./build mvn test -pl verification -am -Dtest=FaultsTest -Dsurefire.failIfNoSpecifiedTests=false"
                + " -Dcluster.seed=" + seed + " -Dcluster.millis=" + MILLIS + " -Dcluster.conf=" + setup.conf()
                + (setup.members() ? " -Dcluster.members=true" : "")
                + " -Dcluster.clients=" + version;
    }

    /** Their masters go, and new groups read all of a topic. */
    private static void slavesHaveAll(Cluster cluster, Setup setup, long seed) throws IOException {
        Path history = cluster.client().folder().resolve(name(seed) + ".history");
        List<Acknowledged> acknowledged = Recorder.acknowledged(Event.parseAll(Files.readString(history)));
        if (!setup.members()) {
            for (String slave : List.of("broker-a-s", "broker-b-s")) {
                awaitTables(cluster, slave, name(seed));
            }
        }
        cluster.member("broker-a").kill();
        cluster.member("broker-b").kill();
        try (Recorder late = cluster.record("5.5.0", topic(seed), "late", "push", "pull")) {
            late.mustReceive(acknowledged);
        }
    }

    /** A slave of RocketMQ's stream has topics, then groups and then offsets ten seconds later, and gives out no topic before. */
    private static void awaitTables(Cluster cluster, String slave, String clients) {
        Awaitility.await("the offsets of " + clients + " at " + slave)
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofSeconds(1))
                .until(() -> cluster.mqadmin("5.5.0", "brokerConsumeStats -b " + slave + ":10911")
                        .contains("-" + clients + " "));
    }

    private static String topic(long seed) {
        return "Faults_" + seed;
    }

    private static String name(long seed) {
        return "c" + seed;
    }
}
