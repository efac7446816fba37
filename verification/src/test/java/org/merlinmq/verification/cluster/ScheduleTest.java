package org.merlinmq.verification.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Faults by seed: the same ones each time, and between them all there are. */
class ScheduleTest {
    private static final int MILLIS = 6_000;
    private static final List<Fault.Kind> KINDS = List.of(Fault.Kind.values());
    private static final List<String> SERVERS =
            List.of("ns1", "ns2", "broker-a", "broker-a-s", "broker-b", "broker-b-s");

    @Test
    void aSeedIsOneSchedule() {
        for (long seed = 0; seed < 100; seed++) {
            assertThat(Schedule.of(seed, KINDS, SERVERS, MILLIS)).isEqualTo(Schedule.of(seed, KINDS, SERVERS, MILLIS));
        }
        assertThat(Schedule.of(1, KINDS, SERVERS, MILLIS).faults())
                .isNotEqualTo(Schedule.of(2, KINDS, SERVERS, MILLIS).faults());
    }

    @Test
    void schedulesHaveAllKindsOnAllMachinesAndEnd() {
        Set<Fault.Kind> kinds = EnumSet.noneOf(Fault.Kind.class);
        Set<String> hosts = new TreeSet<>();
        for (long seed = 0; seed < 1_000; seed++) {
            Schedule schedule = Schedule.of(seed, KINDS, SERVERS, MILLIS);
            assertThat(schedule.faults()).hasSizeBetween(2, 5);
            for (Fault fault : schedule.faults()) {
                kinds.add(fault.kind());
                hosts.add(fault.host());
                assertThat(fault.beginMillis()).isBetween(0, fault.endMillis());
                assertThat(fault.endMillis()).isLessThan(MILLIS);
                assertThat(fault.peer().equals(fault.host()))
                        .isEqualTo(!fault.kind().isBetweenTwo());
                assertThat(fault.kind().isFor(fault.host())).as("%s", fault).isTrue();
            }
        }
        assertThat(kinds).containsExactlyInAnyOrderElementsOf(KINDS);
        assertThat(hosts).containsExactlyInAnyOrderElementsOf(SERVERS);
    }

    @Test
    void aMachineHasOneFaultAtATime() {
        for (long seed = 0; seed < 1_000; seed++) {
            Map<String, Integer> freeFrom = new TreeMap<>();
            for (Fault fault : Schedule.of(seed, KINDS, SERVERS, MILLIS).faults()) {
                for (String host : Set.copyOf(List.of(fault.host(), fault.peer()))) {
                    assertThat(freeFrom.getOrDefault(host, -1))
                            .as("%s of %d", fault, seed)
                            .isLessThan(fault.beginMillis());
                    freeFrom.put(host, fault.endMillis());
                }
            }
        }
    }
}
