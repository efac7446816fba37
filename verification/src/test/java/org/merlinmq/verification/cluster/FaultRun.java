package org.merlinmq.verification.cluster;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.merlinmq.verification.cluster.HistoryCheck.Promise;
import org.merlinmq.verification.cluster.HistoryCheck.Span;
import org.merlinmq.verification.server.Repository;

/**
 * One schedule of faults on a cluster, beside clients that record, and the verdict on what they recorded. At its end all servers
 * run, and each master takes sends. Threading: one thread.
 */
final class FaultRun {
    /** How long clients may take after a fault: those of the 4 line leave a pull that is not answered to its time, 30 s. */
    private static final Duration SETTLING = Duration.ofSeconds(90);

    private static final List<String> BROKERS = List.of("broker-a", "broker-b");
    private static final Span ALWAYS = new Span(0, Long.MAX_VALUE);
    private static final int SOME = 20;
    private static final int LOST_PER_MILLE = 100;
    private static final int LATE_MILLIS = 100;
    private static final int NARROW_KILOBITS = 512;
    private static final long SLOW_BYTES_PER_SECOND = 64 << 10;
    private static final int BLOCK_BYTES = 64 << 10;

    private final Cluster cluster;
    private final Schedule schedule;
    private final List<Span> disturbed = new ArrayList<>();
    private final List<String> gaps = new ArrayList<>();

    FaultRun(Cluster cluster, Schedule schedule) {
        this.cluster = cluster;
        this.schedule = schedule;
    }

    /** Ends a fault. */
    private interface Undo {
        void run() throws IOException;
    }

    /** What happens at a time of the schedule. */
    private record Step(int atMillis, boolean begins, Fault fault) {}

    /** Faults that this machine cannot make, each with the reason. */
    List<String> gaps() {
        return gaps;
    }

    /** Plays it beside clients that have all roles and have just been started, and ends their sending. */
    Verdict play(Recorder clients) throws IOException {
        clients.awaitFirst();
        List<Step> steps = new ArrayList<>();
        for (Fault fault : schedule.faults()) {
            steps.add(new Step(fault.beginMillis(), true, fault));
            steps.add(new Step(fault.endMillis(), false, fault));
        }
        steps.sort(Comparator.comparingInt(Step::atMillis));
        long began = System.nanoTime();
        Undo[] undo = new Undo[schedule.faults().size()];
        long[] from = new long[undo.length];
        for (Step step : steps) {
            awaitTime(began + step.atMillis() * 1_000_000L);
            int index = schedule.faults().indexOf(step.fault());
            if (step.begins()) {
                from[index] = System.nanoTime();
                undo[index] = begin(step.fault());
            } else {
                undo[index].run();
                disturbed.add(new Span(from[index], System.nanoTime() + SETTLING.toNanos()));
            }
        }
        for (String broker : BROKERS) {
            clients.awaitMore(broker, SOME);
        }
        clients.stopSending();
        return HistoryCheck.judge(awaitAll(clients), promised(clients));
    }

    /**
     * Nothing that was acknowledged is lost: no disk was. Only a master that does not wait for its slave may have messages that
     * another one, promoted, has not. What is committed at a slave while its master is away does not reach the master, and a slave
     * of RocketMQ's stream knows an offset ten seconds later.
     */
    private Promise promised(Recorder clients) {
        boolean promoted = schedule.faults().stream().anyMatch(fault -> fault.kind() == Fault.Kind.PROMOTE);
        List<Span> mayBeLost = promoted && !cluster.setup().sync() ? List.of(ALWAYS) : List.of();
        return new Promise(clients.groups(), clients.ordered(), mayBeLost, disturbed, disturbed, promoted);
    }

    /** Waits until each group has received all that was acknowledged, or gives up; returns what there is. */
    private static List<Event> awaitAll(Recorder clients) {
        try {
            Awaitility.await("all that was acknowledged")
                    .atMost(SETTLING)
                    .pollInterval(Duration.ofMillis(200))
                    .until(() -> clients.missing(Recorder.acknowledged(clients.events())) == 0);
        } catch (ConditionTimeoutException late) {
            System.out.println("given up: " + late.getMessage()); // the verdict names what is missing
        }
        return clients.events();
    }

    private static void awaitTime(long nanoTime) {
        for (long left = nanoTime - System.nanoTime(); left > 0; left = nanoTime - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    private Undo begin(Fault fault) throws IOException {
        Host host = cluster.network().host(fault.host());
        Host peer = cluster.network().host(fault.peer());
        Member member = cluster.member(fault.host());
        return switch (fault.kind()) {
            case KILL -> kill(member);
            case PAUSE -> pause(member);
            case CUT_IN -> drop(host, peer, PacketFilter.ALL_PER_MILLE);
            case CUT_OUT -> drop(peer, host, PacketFilter.ALL_PER_MILLE);
            case CUT -> cut(host, peer);
            case LOSS -> drop(host, peer, LOST_PER_MILLE);
            case SLOW_LINE -> slowLine(host);
            case SLOW_DISK -> slowDisk(host, member);
            case FULL_DISK -> fullDisk(host);
            case PROMOTE -> promote(Cluster.master(fault.host()));
        };
    }

    private static Undo kill(Member member) {
        member.kill();
        return () -> {
            member.start();
            member.awaitReady();
        };
    }

    private static Undo pause(Member member) throws IOException {
        member.pause();
        return member::resume;
    }

    private static Undo cut(Host host, Host peer) throws IOException {
        Undo in = drop(host, peer, PacketFilter.ALL_PER_MILLE);
        Undo out = drop(peer, host, PacketFilter.ALL_PER_MILLE);
        return () -> {
            in.run();
            out.run();
        };
    }

    private static Undo slowLine(Host host) throws IOException {
        host.slow(LATE_MILLIS, NARROW_KILOBITS);
        return host::quick;
    }

    private static Undo drop(Host host, Host from, int perMille) throws IOException {
        host.drop(from, perMille);
        return () -> host.drop(from, 0);
    }

    /**
     * Asks for it and waits no longer than a moment: it may be impossible while other faults last, or come later. Where a send does
     * not wait for the slave, only force has that one lead without its master.
     */
    private Undo promote(String group) {
        List<String> command = new ArrayList<>(List.of(
                "env",
                "MERLIN_JAVA_HOME=" + System.getProperty("java.home"),
                Repository.root().resolve("bin/merlin").toString()));
        command.addAll(List.of("cluster", "promote", group, "-n", Cluster.NAMESERVERS, "--wait", "1s"));
        if (!cluster.setup().sync()) {
            command.add("--force");
        }
        try {
            cluster.client().run(command);
        } catch (IOException notNow) {
            gaps.add("not promoted: " + notNow.getMessage());
        }
        return () -> {};
    }

    private Undo slowDisk(Host host, Member member) {
        try {
            long pid = member.pid();
            SlowDisk slow = SlowDisk.bound(pid, host.folder(), SLOW_BYTES_PER_SECOND);
            return () -> slow.end(pid);
        } catch (IOException e) {
            gaps.add("no slow disk: " + e);
            return () -> {};
        }
    }

    /** Takes the slave's disk, to the last block. */
    private static Undo fullDisk(Host host) throws IOException {
        Path ballast = host.seenFromOutside(host.folder().resolve("data/ballast"));
        int block = BLOCK_BYTES;
        try (OutputStream out = Files.newOutputStream(ballast)) {
            while (block > 0) {
                try {
                    out.write(new byte[block]);
                } catch (IOException full) {
                    block /= 2;
                }
            }
        }
        return () -> Files.deleteIfExists(ballast);
    }
}
