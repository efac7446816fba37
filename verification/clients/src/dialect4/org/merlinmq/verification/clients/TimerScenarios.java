package org.merlinmq.verification.clients;

import java.util.Map;

/** Clients of the 4 line know neither delays beyond the levels nor attributes of topics. */
final class TimerScenarios {
    private TimerScenarios() {}

    static void addTo(Map<String, Scenario> scenarios) {
        assert !scenarios.isEmpty();
    }
}
