package org.merlinmq.server.config;

/**
 * One {@code key=value} and where it stands.
 *
 * @param place for example {@code broker.conf:3}, {@code MERLIN_DATA} or {@code --set}
 * @param key as written
 * @param value as written
 */
public record Assignment(String place, String key, String value) {}
