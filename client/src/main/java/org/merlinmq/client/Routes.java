package org.merlinmq.client;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.body.BrokerAddresses;
import org.merlinmq.protocol.body.TopicRoute;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.protocol.frame.Frame;
import org.merlinmq.protocol.request.RouteRequest;

/**
 * The cache of one client's routes.
 *
 * <p>Threading: any thread. A cached route is returned at once; a topic's first look-up, {@link #find} and {@link
 * #refresh} wait for a nameserver.
 *
 * <p>Errors: {@link ClientException} with cause and cure.
 */
final class Routes {
    static final long REFRESH_SECONDS = 30;
    /** The topic whose brokers create a topic with its first message. */
    static final String TEMPLATE_TOPIC = "TBW102";

    static final int TEMPLATE_QUEUES = 4;

    private final Nameservers nameservers;
    private final Map<String, Route> known = new ConcurrentHashMap<>();

    Routes(Nameservers nameservers) {
        this.nameservers = nameservers;
    }

    /** The route of a topic that exists. */
    Route of(String topic) {
        Route kept = known.get(topic);
        if (kept != null) {
            return kept;
        }
        TopicRoute found = find(topic);
        if (found == null) {
            throw new ClientException(
                    "no route for topic " + topic + ": is it created, and is its broker up and registered with "
                            + nameservers + "?",
                    ResponseCode.TOPIC_NOT_EXIST.number());
        }
        return remember(topic, Route.of(topic, found));
    }

    /** The route of a topic, or the route that a topic created by its first message would get. */
    Route ofOrTemplate(String topic) {
        Route kept = known.get(topic);
        if (kept != null) {
            return kept;
        }
        TopicRoute found = find(topic);
        if (found != null) {
            return remember(topic, Route.of(topic, found));
        }
        TopicRoute template = find(TEMPLATE_TOPIC);
        if (template == null) {
            throw new ClientException(
                    "no route for topic " + topic + ": is a broker up and registered with "
                            + nameservers
                            + "? If one is, it does not create topics by itself: create the topic first",
                    ResponseCode.TOPIC_NOT_EXIST.number());
        }
        // Not remembered: after the first message the topic has a route of its own.
        return Route.of(topic, template, TEMPLATE_QUEUES);
    }

    private Route remember(String topic, Route route) {
        known.put(topic, route);
        return route;
    }

    void forget(String topic) {
        known.remove(topic);
    }

    /** Queries the route of a topic; null if the nameserver does not know it. */
    @Nullable TopicRoute find(String topic) {
        Frame answer =
                nameservers.ask(Frame.request(RequestCode.GET_ROUTEINFO_BY_TOPIC, new RouteRequest(topic, true)));
        if (answer.code() == ResponseCode.TOPIC_NOT_EXIST.number()) {
            return null;
        }
        return TopicRoute.read(Cluster.ok(answer, "the nameserver").body());
    }

    /** Queries all cached routes again; removes one that no longer exists. */
    void refresh() {
        for (String topic : List.copyOf(known.keySet())) {
            TopicRoute found = find(topic);
            if (found == null) {
                known.remove(topic);
            } else {
                known.put(topic, Route.of(topic, found));
            }
        }
    }

    /** The master that carries a queue of a topic. */
    String master(String topic, String brokerName) {
        BrokerAddresses broker = of(topic).broker(brokerName);
        String master = broker == null ? null : Route.master(broker);
        if (master == null) {
            forget(topic);
            throw new ClientException("broker " + brokerName + " has no master that carries topic " + topic
                    + " now: is it up and registered with " + nameservers + "?");
        }
        return master;
    }

    /** The masters of all brokers in the routes known. */
    Set<String> knownMasters() {
        Set<String> masters = new LinkedHashSet<>();
        for (Route route : known.values()) {
            for (BrokerAddresses broker : route.brokers()) {
                String master = Route.master(broker);
                if (master != null) {
                    masters.add(master);
                }
            }
        }
        return masters;
    }
}
