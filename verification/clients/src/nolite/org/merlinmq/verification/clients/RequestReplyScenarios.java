package org.merlinmq.verification.clients;

import java.util.Map;

/** Clients before 4.6 have no request-reply. */
final class RequestReplyScenarios {
    private RequestReplyScenarios() {}

    static void addTo(Map<String, Scenario> scenarios) {
        assert !scenarios.isEmpty();
    }
}
