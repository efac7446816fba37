package org.merlinmq.cli.mqadmin;

import java.util.Map;
import org.merlinmq.protocol.body.PropertiesText;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.request.BrokerNameRequest;
import org.merlinmq.protocol.request.PutValueRequest;
import org.merlinmq.protocol.request.ValueRequest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The commands about nameservers. */
final class NameserverCommands {
    private static final String SETTING = "%-50s=  %s";

    private NameserverCommands() {}

    @Command(name = "updateKvConfig", description = "Set a value that nameservers keep.")
    static void updateKvConfig(
            @Mixin Servers servers,
            @Option(
                            names = {"-s", "--namespace"},
                            required = true,
                            description = "Its namespace.")
                    String namespace,
            @Option(
                            names = {"-k", "--key"},
                            required = true,
                            description = "Its name.")
                    String key,
            @Option(
                            names = {"-v", "--value"},
                            required = true,
                            description = "The value.")
                    String value) {
        try (Session session = servers.open()) {
            session.change(
                    RequestCode.PUT_KV_CONFIG, new PutValueRequest(namespace.strip(), key.strip(), value.strip()));
            session.text("create or update kv config to namespace success.");
        }
    }

    @Command(name = "deleteKvConfig", description = "Delete a value that nameservers keep.")
    static void deleteKvConfig(
            @Mixin Servers servers,
            @Option(
                            names = {"-s", "--namespace"},
                            required = true,
                            description = "Its namespace.")
                    String namespace,
            @Option(
                            names = {"-k", "--key"},
                            required = true,
                            description = "Its name.")
                    String key) {
        try (Session session = servers.open()) {
            session.change(RequestCode.DELETE_KV_CONFIG, new ValueRequest(namespace.strip(), key.strip()));
            session.text("delete kv config from namespace success.");
        }
    }

    @Command(name = "wipeWritePerm", description = "Let no producer send to a broker any more.")
    static void wipeWritePerm(
            @Mixin Servers servers,
            @Option(
                            names = {"-b", "--brokerName"},
                            required = true,
                            description = "The broker's name.")
                    String broker) {
        perm(servers, broker.strip(), "wipe", RequestCode.WIPE_WRITE_PERM_OF_BROKER, "wipeTopicCount");
    }

    @Command(name = "addWritePerm", description = "Let producers send to a broker again.")
    static void addWritePerm(
            @Mixin Servers servers,
            @Option(
                            names = {"-b", "--brokerName"},
                            required = true,
                            description = "The broker's name.")
                    String broker) {
        perm(servers, broker.strip(), "add", RequestCode.ADD_WRITE_PERM_OF_BROKER, "addTopicCount");
    }

    private static void perm(Servers servers, String broker, String word, RequestCode code, String count) {
        try (Session session = servers.open()) {
            for (String nameserver : session.config().nameservers()) {
                Map<String, String> answer = session.fields(nameserver, code, new BrokerNameRequest(broker));
                session.line(
                        "%s write perm of broker[%s] in name server[%s] OK, %s",
                        word, broker, nameserver, answer.getOrDefault(count, "0"));
            }
        }
    }

    @Command(name = "getNamesrvConfig", description = "Show the settings of nameservers.")
    static void getNamesrvConfig(@Mixin Servers servers) {
        try (Session session = servers.open()) {
            for (String nameserver : session.config().nameservers()) {
                session.line("============%s============", nameserver);
                PropertiesText.read(session.ask(nameserver, RequestCode.GET_NAMESRV_CONFIG))
                        .forEach((name, value) -> session.line(SETTING, name, value));
            }
        }
    }

    @Command(name = "updateNamesrvConfig", description = "Change a setting of nameservers while they run.")
    static void updateNamesrvConfig(
            @Mixin Servers servers,
            @Option(
                            names = {"-k", "--key"},
                            required = true,
                            description = "Its name.")
                    String key,
            @Option(
                            names = {"-v", "--value"},
                            required = true,
                            description = "Its value.")
                    String value) {
        try (Session session = servers.open()) {
            byte[] settings = PropertiesText.write(Map.of(key.strip(), value.strip()));
            for (String nameserver : session.config().nameservers()) {
                session.ask(nameserver, RequestCode.UPDATE_NAMESRV_CONFIG, settings);
            }
            session.line(
                    "update name server config success!%s", session.config().nameservers());
            session.line("%s : %s", key, value);
        }
    }
}
