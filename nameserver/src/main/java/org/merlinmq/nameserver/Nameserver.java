package org.merlinmq.nameserver;

import java.net.InetSocketAddress;
import java.time.Clock;
import java.util.Map;
import java.util.concurrent.Semaphore;
import org.merlinmq.transport.EventLoops;
import org.merlinmq.transport.Listener;
import org.merlinmq.transport.ListenerConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running nameserver: a port of its own on event loops that it may share, and a {@link BrokerRegistrar} for a broker in
 * the same process.
 *
 * <p>Threading: any thread that is not an event loop. {@link #close} is idempotent and leaves the loops running.
 *
 * <p>Errors: a port that cannot be bound or a damaged {@code kvConfig.json} throws at start, naming the cure.
 */
public final class Nameserver implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Nameserver.class);
    /** Requests at once that parse long bodies or wait for the disk; more are refused as busy. */
    private static final int MAX_SLOW_REQUESTS = 256;

    private final RouteRegistry registry;
    private final BrokerRegistrar registrar;
    private final Listener listener;
    private final LeaseWatch watch;

    private Nameserver(RouteRegistry registry, BrokerRegistrar registrar, Listener listener, LeaseWatch watch) {
        this.registry = registry;
        this.registrar = registrar;
        this.listener = listener;
        this.watch = watch;
    }

    /**
     * Opens the port.
     *
     * @param config how it runs
     * @param loops what carries its connections
     * @param clock the time
     * @return the running nameserver
     */
    public static Nameserver start(NameserverConfig config, EventLoops loops, Clock clock) {
        KvConfig kv = KvConfig.open(new DurableFile(config.folder().resolve("kvConfig.json")));
        SettingsStore settings = SettingsStore.open(
                new DurableFile(config.folder().resolve("nameserver.properties")), config.settings(), shown(config));
        RouteRegistry registry = new RouteRegistry(new RouteBodies(
                topic -> settings.current().orderMessageEnable() ? kv.value(KvConfig.ORDER_TOPICS, topic) : null));
        LeaseWatch watch = new LeaseWatch(registry, config.scanInterval().toMillis(), clock);
        BrokerRegistrar registrar = new BrokerRegistrar(registry, kv, settings, clock::millis, watch::wake);
        NameserverHandlers handlers = new NameserverHandlers(registry, kv, settings, registrar, clock::millis);
        Semaphore slow = new Semaphore(MAX_SLOW_REQUESTS);
        Listener listener = Listener.start(
                ListenerConfig.on(config.address()), loops, loop -> new NameserverService(handlers, registry, slow));
        LOG.info("nameserver-started address={} folder={}", listener.address(), config.folder());
        return new Nameserver(registry, registrar, listener, watch);
    }

    private static Map<String, String> shown(NameserverConfig config) {
        return Map.of(
                "listenPort", Integer.toString(config.address().getPort()),
                "kvConfigPath", config.folder().resolve("kvConfig.json").toString(),
                "configStorePath",
                        config.folder().resolve("nameserver.properties").toString(),
                "scanNotActiveBrokerInterval",
                        Long.toString(config.scanInterval().toMillis()));
    }

    /** The bound address with its true port. */
    public InetSocketAddress address() {
        return listener.address();
    }

    /** Registers brokers in the same process; valid until {@link #close}. */
    public BrokerRegistrar registrar() {
        return registrar;
    }

    /** How many topics have a route. */
    public int topicCount() {
        return registry.topicCount();
    }

    /** Closes the port; routes are forgotten, keys and values stay on disk. */
    @Override
    public void close() {
        listener.close();
        watch.close();
    }
}
