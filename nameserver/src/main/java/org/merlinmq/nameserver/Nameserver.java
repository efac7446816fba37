package org.merlinmq.nameserver;

import java.net.InetSocketAddress;
import java.time.Clock;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.transport.EventLoops;
import org.merlinmq.transport.Listener;
import org.merlinmq.transport.dispatch.Access;
import org.merlinmq.transport.dispatch.Dispatcher;
import org.merlinmq.transport.dispatch.Handlers;
import org.merlinmq.transport.dispatch.LoopReplies;
import org.merlinmq.transport.dispatch.OnewayRefusals;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running nameserver: a port of its own on event loops that it may share, and a {@link BrokerRegistrar} for a broker in
 * the same process.
 *
 * <p>Threading: any thread that is not an event loop. {@link #close} is idempotent and leaves the loops running.
 *
 * <p>Errors: a port that cannot be bound throws at start, naming the cure; so does a damaged {@code kvConfig.json} or {@code
 * nameserver.properties}, as {@link DamagedFileException}.
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
        KvConfig kv = KvConfig.open(new DurableFile(config.table()));
        SettingsStore settings = SettingsStore.open(
                new DurableFile(config.folder().resolve("nameserver.properties")), config.settings(), shown(config));
        RouteRegistry registry = new RouteRegistry(new RouteBodies(
                topic -> settings.current().orderMessageEnable() ? kv.value(KvConfig.ORDER_TOPICS, topic) : null));
        LeaseWatch watch = new LeaseWatch(registry, config.scanInterval().toMillis(), clock);
        BrokerRegistrar registrar = new BrokerRegistrar(registry, kv, settings, clock::millis, watch::wake);
        NameserverHandlers handlers = new NameserverHandlers(registry, kv, settings, registrar, clock::millis);
        Handlers table = new Handlers();
        handlers.register(table);
        OnewayRefusals refusals = new OnewayRefusals(System::nanoTime, LOG::warn);
        Executor slow = boundedThreads();
        Listener listener = Listener.start(config.listener(), loops, loop -> {
            LoopReplies replies = new LoopReplies(refusals, NameserverHandlers::refusal);
            return new Dispatcher(table, replies, slow, Requester::of, handlers::closed)
                    .inPlace(
                            new RouteQueries(registry, replies),
                            Access.of(Access.Resource.TOPIC, Access.Action.GET),
                            RequestCode.GET_ROUTEINFO_BY_TOPIC);
        });
        LOG.info("nameserver-started address={} folder={}", listener.address(), config.folder());
        return new Nameserver(registry, registrar, listener, watch);
    }

    /** A virtual thread for each request, up to a bound that all loops share. */
    private static Executor boundedThreads() {
        Semaphore free = new Semaphore(MAX_SLOW_REQUESTS);
        return task -> {
            if (!free.tryAcquire()) {
                throw new RejectedExecutionException(MAX_SLOW_REQUESTS + " requests are being worked on");
            }
            Thread.ofVirtual().name("nameserver-request").start(() -> {
                try {
                    task.run();
                } finally {
                    free.release();
                }
            });
        };
    }

    private static Map<String, String> shown(NameserverConfig config) {
        return Map.of(
                "listenPort", Integer.toString(config.listener().address().getPort()),
                "kvConfigPath", config.table().toString(),
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
