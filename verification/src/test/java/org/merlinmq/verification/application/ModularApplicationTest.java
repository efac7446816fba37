package org.merlinmq.verification.application;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.merlinmq.verification.server.Child;
import org.merlinmq.verification.server.Repository;
import org.merlinmq.verification.server.Server;
import org.merlinmq.verification.server.SharedServer;

/** A small application is compiled for Java 17 against our client, and run: as a module, and on the class path. */
@ExtendWith(SharedServer.class)
class ModularApplicationTest {
    /** The client's dependencies; Netty's are all there, since what is not asked for is not resolved. */
    private static final String JARS =
            "{merlinmq-client,merlinmq-protocol,merlinmq-transport,netty,slf4j,jspecify}-*.jar";

    private static final String MODULE = """
            module hello {
                requires org.merlinmq.client;
            }
            """;

    private static final String APPLICATION = """
            package hello;

            import java.time.Duration;
            import org.merlinmq.client.ClientConfig;
            import org.merlinmq.client.Message;
            import org.merlinmq.client.Producer;
            import org.merlinmq.client.ProducerConfig;
            import org.merlinmq.client.Puller;
            import org.merlinmq.client.ReceivedMessage;
            import org.merlinmq.client.SendResult;
            import org.merlinmq.protocol.body.MessageQueueId;

            public final class Hello {
                public static void main(String[] arguments) {
                    ClientConfig client = ClientConfig.of(arguments[0]);
                    try (Producer producer = Producer.start(client, ProducerConfig.of("hello-producer"));
                            Puller puller = Puller.open(client, "hello-consumer")) {
                        SendResult sent = producer.send(Message.of("HelloModules", "how are you?"));
                        MessageQueueId queue = sent.queue();
                        for (ReceivedMessage message : puller.pull(queue, sent.queueOffset()).messages()) {
                            System.out.println("received " + message.bodyText() + " by " + Producer.class.getModule());
                        }
                    }
                }
            }
            """;

    private final Path folder = SharedServer.freshFolder("application-");

    @Test
    void modulesSendAndReceive(Server server) throws IOException {
        source("hello/Hello.java", APPLICATION);
        source("module-info.java", MODULE);
        compile("--module-path", jars());
        assertThat(run("--module-path", "classes:" + jars(), "--module", "hello/hello.Hello", address(server)))
                .contains("received how are you? by module org.merlinmq.client");
    }

    @Test
    void theClassPathSendsAndReceives(Server server) throws IOException {
        source("hello/Hello.java", APPLICATION);
        compile("--class-path", jars());
        assertThat(run("--class-path", "classes:" + jars(), "hello.Hello", address(server)))
                .contains("received how are you? by unnamed module");
    }

    @Test
    void whatIsNotForApplicationsIsHiddenFromModules() throws IOException {
        source("hello/Hello.java", "package hello;\nclass Hello { org.merlinmq.protocol.frame.Frame frame; }\n");
        source("module-info.java", MODULE);
        Child compiler = javac("--module-path", jars());
        assertThat(compiler.exitCode(60)).as(compiler.output()).isEqualTo(1);
        assertThat(compiler.output()).contains("package org.merlinmq.protocol.frame is not visible");
    }

    private void source(String name, String text) throws IOException {
        Path file = folder.resolve("src").resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private void compile(String... options) {
        Child compiler = javac(options);
        assertThat(compiler.exitCode(60)).as(compiler.output()).isZero();
    }

    private Child javac(String... options) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "javac").toString(),
                "--release",
                "17",
                "-d",
                "classes"));
        command.addAll(List.of("-Xlint:all", "-Werror"));
        command.addAll(List.of(options));
        try (var sources = Files.walk(folder.resolve("src"))) {
            sources.map(Path::toString).filter(name -> name.endsWith(".java")).forEach(command::add);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Child(command, folder, Map.of(), folder.resolve("javac.out"));
    }

    private String run(String... options) {
        List<String> command = new ArrayList<>(List.of(Repository.java(), "-XX:+UseSerialGC"));
        command.addAll(List.of(options));
        Child application = new Child(command, folder, Map.of(), folder.resolve("java.out"));
        assertThat(application.exitCode(60)).as(application.output()).isZero();
        return application.output();
    }

    private static String jars() throws IOException {
        List<String> found = new ArrayList<>();
        Path lib = Repository.root().resolve("server/target/dist/lib");
        try (DirectoryStream<Path> files = Files.newDirectoryStream(lib, JARS)) {
            files.forEach(file -> found.add(file.toString()));
        }
        return String.join(":", found);
    }

    private static String address(Server server) {
        return "127.0.0.1:" + server.nameserver().getPort();
    }
}
