package org.merlinmq.server;

/**
 * The labels that RocketMQ puts on every figure of a broker.
 *
 * @param cluster the cluster's name
 * @param node the broker's name
 */
record CommonLabels(String cluster, String node) {
    private static final int COUNT = 6;

    /** These labels, and behind them a figure's own; names and values in turn. */
    String[] and(String... own) {
        String[] all = new String[COUNT + own.length];
        all[0] = "cluster";
        all[1] = cluster;
        all[2] = "node_type";
        all[3] = "broker";
        all[4] = "node_id";
        all[5] = node;
        System.arraycopy(own, 0, all, COUNT, own.length);
        return all;
    }
}
