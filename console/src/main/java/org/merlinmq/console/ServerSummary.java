package org.merlinmq.console;

/**
 * The facts on the start page.
 *
 * @param version of the server
 * @param cluster the cluster's name
 * @param brokerName the broker's name
 * @param nameserver the nameserver's address as clients write it; empty if it is elsewhere and unknown
 * @param broker the broker's address
 * @param dataFolder where the data lie
 */
public record ServerSummary(
        String version, String cluster, String brokerName, String nameserver, String broker, String dataFolder) {}
