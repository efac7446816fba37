package org.merlinmq.verification.clients;

import java.util.Map;

/** Clients before 4.6 have no lite pull consumer. */
final class LiteScenarios {
    private LiteScenarios() {}

    static void addTo(Map<String, Scenario> scenarios) {
        assert !scenarios.isEmpty();
    }
}
