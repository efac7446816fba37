package org.merlinmq.verification.cluster;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Which faults come when: all of it follows from a number, so that a run can be played again. Processes and networks have a pace
 * of their own: the faults are the same then, and not to the millisecond what they hit.
 *
 * @param faults in the order of their beginnings; those of one machine do not overlap
 */
record Schedule(long seed, List<Fault> faults) {
    private static final int LEAST = 2;
    private static final int MOST = 5;
    private static final int SHORTEST_MILLIS = 300;
    private static final int LONGEST_MILLIS = 3_000;
    private static final int ATTEMPTS = 100;

    /**
     * The schedule of a number.
     *
     * @param kinds what may go wrong
     * @param servers the machines on which something may go wrong; slaves' names end with {@code -s}
     * @param millis how long it may last
     */
    static Schedule of(long seed, List<Fault.Kind> kinds, List<String> servers, int millis) {
        SplittableRandom random = new SplittableRandom(seed);
        int count = random.nextInt(LEAST, MOST + 1);
        List<Fault> faults = new ArrayList<>();
        for (int attempt = 0; attempt < ATTEMPTS && faults.size() < count; attempt++) {
            Fault next = any(random, kinds, servers, millis);
            if (faults.stream().noneMatch(other -> disturb(next, other))) {
                faults.add(next);
            }
        }
        faults.sort(Comparator.comparingInt(Fault::beginMillis));
        return new Schedule(seed, List.copyOf(faults));
    }

    private static Fault any(SplittableRandom random, List<Fault.Kind> kinds, List<String> servers, int millis) {
        Fault.Kind kind = kinds.get(random.nextInt(kinds.size()));
        List<String> hosts = servers.stream().filter(kind::isFor).toList();
        String host = hosts.get(random.nextInt(hosts.size()));
        String peer = host;
        if (kind.isBetweenTwo()) {
            // The line between a master and its slave is the one that matters most.
            String own = host.endsWith("-s") ? host.substring(0, host.length() - 2) : host + "-s";
            peer = servers.contains(own) && random.nextBoolean() ? own : servers.get(random.nextInt(servers.size()));
            peer = peer.equals(host) ? "client" : peer;
        }
        int lasts = random.nextInt(SHORTEST_MILLIS, Math.min(LONGEST_MILLIS, millis / 2));
        int begin = random.nextInt(0, millis - lasts);
        return new Fault(kind, host, peer, begin, begin + lasts);
    }

    /** What is done to a machine cannot be told apart, or undone, while something else is done to it. */
    private static boolean disturb(Fault one, Fault other) {
        boolean sameTime = one.beginMillis() <= other.endMillis() && other.beginMillis() <= one.endMillis();
        return sameTime
                && (one.host().equals(other.host())
                        || one.host().equals(other.peer())
                        || one.peer().equals(other.host())
                        || one.peer().equals(other.peer()));
    }

    @Override
    public String toString() {
        return "schedule " + seed + ": " + faults;
    }
}
