package org.merlinmq.cli.mqadmin;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.body.HaConnection;
import org.merlinmq.protocol.body.HaStatus;
import org.merlinmq.protocol.code.RequestCode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The commands about brokers: figures, settings, upkeep and exports. */
final class BrokerCommands {
    private static final String SLAVES = "%-32s  %-16s %16s %16s %16s %16s";
    private static final String SETTING = "%-50s=  %s";

    private BrokerCommands() {}

    @Command(name = "brokerStatus", description = "Show the figures of brokers.")
    static void brokerStatus(@Mixin Servers servers, @Mixin Where where) {
        try (Session session = servers.open()) {
            for (String broker : where.brokers(session)) {
                session.admin()
                        .runtime(broker)
                        .forEach((name, value) ->
                                session.text((where.isOneBroker() ? "" : String.format(Locale.ROOT, "%-24s ", broker))
                                        + String.format(Locale.ROOT, "%-32s: %s", name, value)));
            }
        }
    }

    @Command(name = "haStatus", description = "Show a broker's replication.")
    static void haStatus(
            @Mixin Servers servers,
            @Mixin Where where,
            @Option(
                            names = {"-i", "--interval"},
                            description = "Again and again, with so many seconds between.")
                    @Nullable Integer seconds) {
        try (Session session = servers.open()) {
            List<String> brokers = where.brokers(session);
            session.every(seconds, () -> brokers.forEach(broker -> ha(session, broker)));
        }
    }

    private static void ha(Session session, String broker) {
        HaStatus status = HaStatus.read(session.ask(broker, RequestCode.GET_BROKER_HA_STATUS));
        session.text("");
        session.line("#MasterAddr\t%s", broker);
        session.line("#MasterCommitLogMaxOffset\t%d", status.masterCommitLogMaxOffset());
        session.line("#SlaveNum\t%d", status.connections().size());
        session.line("#InSyncSlaveNum\t%d", status.inSyncSlaveNums());
        session.line(
                SLAVES,
                "#SlaveAddr",
                "#SlaveAckOffset",
                "#Diff",
                "#TransferSpeed(KB/s)",
                "#Status",
                "#TransferFromWhere");
        for (HaConnection slave : status.connections()) {
            session.line(
                    SLAVES,
                    slave.addr(),
                    slave.slaveAckOffset(),
                    slave.diff(),
                    StatsCommands.two(slave.transferredByteInSecond() / 1024.0),
                    slave.inSync() ? "OK" : "Fall Behind",
                    slave.transferFromWhere());
        }
    }

    @Command(name = "getBrokerConfig", description = "Show the settings of brokers.")
    static void getBrokerConfig(@Mixin Servers servers, @Mixin Where where) {
        try (Session session = servers.open()) {
            for (String broker : where.brokers(session)) {
                session.line(
                        where.isOneBroker() ? "============%s============" : "============Master: %s============",
                        broker);
                session.admin().brokerConfig(broker).forEach((name, value) -> session.line(SETTING, name, value));
                session.text("");
            }
        }
    }

    @Command(name = "updateBrokerConfig", description = "Change a setting of brokers while they run.")
    static void updateBrokerConfig(
            @Mixin Servers servers,
            @Mixin Where where,
            @Option(
                            names = {"-k", "--key"},
                            required = true,
                            description = "Its name.")
                    String key,
            @Option(
                            names = {"-v", "--value"},
                            required = true,
                            description = "Its value.")
                    String value,
            @Option(
                            names = {"-a", "--updateAllBroker"},
                            arity = "1",
                            description = "With -c: slaves too, true or false.")
                    boolean all) {
        try (Session session = servers.open()) {
            List<String> brokers =
                    all && !where.isOneBroker() ? session.addresses(where.cluster()) : where.brokers(session);
            for (String broker : brokers) {
                session.admin().updateBrokerConfig(broker, Map.of(key.strip(), value.strip()));
                session.line("update broker config success, %s", broker);
            }
        }
    }

    @Command(name = "cleanExpiredCQ", description = "Delete what consume queues keep of messages that are gone.")
    static void cleanExpiredCQ(@Mixin Servers servers, @Mixin Where where) {
        upkeep(servers, where, RequestCode.CLEAN_EXPIRED_CONSUMEQUEUE);
    }

    @Command(name = "cleanUnusedTopic", description = "Delete queues that no topic owns.")
    static void cleanUnusedTopic(@Mixin Servers servers, @Mixin Where where) {
        upkeep(servers, where, RequestCode.CLEAN_UNUSED_TOPIC);
    }

    @Command(name = "deleteExpiredCommitLog", description = "Delete expired segments of the log now.")
    static void deleteExpiredCommitLog(@Mixin Servers servers, @Mixin Where where) {
        upkeep(servers, where, RequestCode.DELETE_EXPIRED_COMMITLOG);
    }

    /** Without -b and -c: at all masters. */
    private static void upkeep(Servers servers, Where where, RequestCode code) {
        try (Session session = servers.open()) {
            boolean everywhere = !where.isOneBroker() && where.cluster() == null;
            for (String broker : everywhere ? session.admin().masters(null) : where.brokers(session)) {
                session.ask(broker, code);
            }
            session.text("success");
        }
    }
}
