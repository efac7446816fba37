package org.merlinmq.nameserver;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What may change while a nameserver runs, by request 318, under RocketMQ's names.
 *
 * @param orderMessageEnable whether route answers contain the order configuration of a topic; clients then send to exactly
 *     the queues that it names
 * @param returnOrderTopicConfigToBroker whether the answer to a registration names the ordered topics
 * @param deleteTopicWithBrokerRegistration whether a topic that a master's registration does not name loses its route
 * @param enableAllTopicList whether request 206 lists all topics
 * @param enableTopicList whether requests 224, 304, 311, 312 and 313 list topics
 */
public record NameserverSettings(
        boolean orderMessageEnable,
        boolean returnOrderTopicConfigToBroker,
        boolean deleteTopicWithBrokerRegistration,
        boolean enableAllTopicList,
        boolean enableTopicList) {

    /** RocketMQ's defaults: order configuration to brokers only, lists on, nothing deleted. */
    public static NameserverSettings defaults() {
        return new NameserverSettings(false, true, false, true, true);
    }

    /** The same with some changed; names that are none of ours are ignored, as by RocketMQ. */
    NameserverSettings with(Map<String, String> changes) {
        return new NameserverSettings(
                flag(changes, "orderMessageEnable", orderMessageEnable),
                flag(changes, "returnOrderTopicConfigToBroker", returnOrderTopicConfigToBroker),
                flag(changes, "deleteTopicWithBrokerRegistration", deleteTopicWithBrokerRegistration),
                flag(changes, "enableAllTopicList", enableAllTopicList),
                flag(changes, "enableTopicList", enableTopicList));
    }

    private static boolean flag(Map<String, String> changes, String name, boolean current) {
        String text = changes.get(name);
        if (text == null) {
            return current;
        }
        return switch (text.trim()) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException(name + " must be true or false, found \"" + text + "\"");
        };
    }

    /** Names and values, by name. */
    SortedMap<String, String> toMap() {
        TreeMap<String, String> map = new TreeMap<>();
        map.put("orderMessageEnable", Boolean.toString(orderMessageEnable));
        map.put("returnOrderTopicConfigToBroker", Boolean.toString(returnOrderTopicConfigToBroker));
        map.put("deleteTopicWithBrokerRegistration", Boolean.toString(deleteTopicWithBrokerRegistration));
        map.put("enableAllTopicList", Boolean.toString(enableAllTopicList));
        map.put("enableTopicList", Boolean.toString(enableTopicList));
        return map;
    }
}
