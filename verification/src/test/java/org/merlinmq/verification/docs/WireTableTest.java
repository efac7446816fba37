package org.merlinmq.verification.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.protocol.frame.Frame;
import org.merlinmq.verification.server.RawConnection;
import org.merlinmq.verification.server.Repository;
import org.merlinmq.verification.server.Server;
import org.merlinmq.verification.server.SharedServer;

/** Asks a broker and a nameserver every request there is, without header and body: docs/wire/README.md says who serves it. */
@ExtendWith(SharedServer.class)
class WireTableTest {
    private static final int ANSWER_MILLIS = 10_000;

    @Test
    void theTableNamesWhoServesEachRequest(Server server) throws IOException {
        Assumptions.assumeTrue(server.name().equals("merlin"), "the table is about our own server");
        assertThat(served(server.broker())).as("served by a broker").isEqualTo(told("broker"));
        assertThat(served(server.nameserver())).as("served by a nameserver").isEqualTo(told("nameserver"));
    }

    private static Set<String> told(String who) throws IOException {
        Set<String> names = new TreeSet<>();
        for (String line : Files.readAllLines(Repository.root().resolve("docs/wire/README.md"))) {
            String[] cells = line.split(" *\\| *", -1);
            if (line.matches("\\| \\d+ .*") && Set.of(cells[3].split(", ")).contains(who)) {
                names.add(cells[2]);
            }
        }
        return names;
    }

    private static Set<String> served(InetSocketAddress address) throws IOException {
        SortedMap<String, Integer> codes = new TreeMap<>();
        try (RawConnection connection = new RawConnection(address, ANSWER_MILLIS)) {
            for (RequestCode code : RequestCode.values()) {
                codes.put(
                        code.name(), connection.call(Frame.request(code, null)).code());
            }
        }
        codes.values().removeIf(code -> code == ResponseCode.REQUEST_CODE_NOT_SUPPORTED.number());
        return codes.keySet();
    }
}
