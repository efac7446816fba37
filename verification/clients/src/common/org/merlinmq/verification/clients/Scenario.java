package org.merlinmq.verification.clients;

/** One thing that users do with a client, played and checked against a running server. */
interface Scenario {
    void play(Stage stage) throws Exception;
}
