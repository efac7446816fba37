package org.merlinmq.cli.mqadmin;

import java.io.PrintWriter;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.merlinmq.client.Admin;
import org.merlinmq.client.ClientConfig;
import org.merlinmq.protocol.body.BrokerAddresses;
import org.merlinmq.protocol.body.TopicRoute;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.frame.Frame;
import org.merlinmq.protocol.frame.Header;

/**
 * What one command works with: the cluster and where it prints.
 *
 * <p>Threading: one thread.
 */
final class Session implements AutoCloseable {
    private static final byte[] NO_BODY = new byte[0];
    private static final DateTimeFormatter SECONDS = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT);
    private static final DateTimeFormatter MILLIS = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss,SSS", Locale.ROOT);

    private final Admin admin;
    private final ClientConfig config;
    private final PrintWriter out;

    Session(Admin admin, ClientConfig config, PrintWriter out) {
        this.admin = admin;
        this.config = config;
        this.out = out;
    }

    Admin admin() {
        return admin;
    }

    ClientConfig config() {
        return config;
    }

    /** Prints a line in columns, as {@link String#format} has them. */
    @SuppressWarnings("AnnotateFormatMethod") // the annotation is not among what modules of ours require
    void line(String format, @Nullable Object... cells) {
        out.println(String.format(Locale.ROOT, format, cells));
    }

    /**
     * Prints once, or again and again until the thread is interrupted.
     *
     * @param seconds the pause between two; null: once
     * @param print what is printed
     */
    void every(@Nullable Integer seconds, Runnable print) {
        if (seconds != null && seconds < 1) {
            throw new IllegalArgumentException("-i is 1 second or more, not " + seconds);
        }
        print.run();
        out.flush();
        while (seconds != null) {
            try {
                TimeUnit.SECONDS.sleep(seconds);
            } catch (InterruptedException ended) {
                Thread.currentThread().interrupt();
                return;
            }
            print.run();
            out.flush();
        }
    }

    long nowMillis() {
        return System.currentTimeMillis();
    }

    /** Prints a line as it is. */
    void text(String line) {
        out.println(line);
    }

    /** The masters that {@code -b} or {@code -c} name. */
    List<String> brokers(@Nullable String address, @Nullable String clusterName) {
        if (address != null) {
            return List.of(address.strip());
        }
        if (clusterName == null) {
            throw new IllegalArgumentException("-b or -c is missing: which broker, or which cluster?");
        }
        return admin.masters(clusterName.strip());
    }

    /** The masters that have a topic, by broker name. */
    Map<String, String> masters(TopicRoute route) {
        Map<String, String> masters = new TreeMap<>();
        for (BrokerAddresses broker : route.brokerDatas()) {
            String master = broker.brokerAddrs().get(0L);
            if (master != null) {
                masters.put(broker.brokerName(), master);
            }
        }
        return masters;
    }

    /** All addresses of a cluster's brokers, slaves too. */
    List<String> addresses(@Nullable String clusterName) {
        List<String> addresses = new ArrayList<>();
        for (BrokerAddresses broker : admin.cluster().brokerAddrTable().values()) {
            if (clusterName == null || clusterName.equals(broker.cluster())) {
                addresses.addAll(broker.brokerAddrs().values());
            }
        }
        return addresses;
    }

    byte[] ask(String address, RequestCode code) {
        return admin.ask(address, code.number(), Map.of(), NO_BODY);
    }

    byte[] ask(String address, RequestCode code, byte[] body) {
        return admin.ask(address, code.number(), Map.of(), body);
    }

    byte[] ask(String address, RequestCode code, Header header) {
        return admin.ask(address, code.number(), Frame.fieldsOf(header), NO_BODY);
    }

    Map<String, String> fields(String address, RequestCode code, Header header) {
        return admin.askForFields(address, code.number(), Frame.fieldsOf(header));
    }

    /** Sends a change to every nameserver. */
    void change(RequestCode code, Header header) {
        for (String nameserver : config.nameservers()) {
            ask(nameserver, code, header);
        }
    }

    static String seconds(long millis) {
        return SECONDS.format(Instant.ofEpochMilli(millis).atZone(ZoneId.systemDefault()));
    }

    static String millis(long millis) {
        return MILLIS.format(Instant.ofEpochMilli(millis).atZone(ZoneId.systemDefault()));
    }

    @Override
    public void close() {
        out.flush();
        admin.close();
    }
}
