package org.merlinmq.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.merlinmq.server.config.Assignment;
import org.merlinmq.server.config.Role;

class LaunchOptionsTest {
    @Test
    void optionsAreShortFormsOfSettings() throws StartRefusal {
        LaunchOptions options = parse("start --data /d --broker-port=0 --set flushDiskType=SYNC_FLUSH --background");
        assertThat(options.role()).isEqualTo(Role.ALL_IN_ONE);
        assertThat(options.background()).isTrue();
        assertThat(options.assignments())
                .containsExactly(
                        new Assignment("--data", "data", "/d"),
                        new Assignment("--broker-port", "broker.port", "0"),
                        new Assignment("--set", "flushDiskType", "SYNC_FLUSH"));
    }

    @Test
    void rocketMqsOptionsWork() throws StartRefusal {
        LaunchOptions options = parse("broker -c broker-a.properties -n ns1:9876;ns2:9876");
        assertThat(options.role()).isEqualTo(Role.BROKER);
        assertThat(options.file()).isEqualTo(Path.of("broker-a.properties"));
        assertThat(options.assignments())
                .containsExactly(new Assignment("-n", "broker.nameservers", "ns1:9876;ns2:9876"));
    }

    @Test
    void rocketMqsLongOptionsWork() throws StartRefusal {
        LaunchOptions options = parse("broker --configFile broker-a.properties --namesrvAddr ns1:9876");
        assertThat(options.file()).isEqualTo(Path.of("broker-a.properties"));
        assertThat(options.assignments())
                .containsExactly(new Assignment("--namesrvAddr", "broker.nameservers", "ns1:9876"));
        assertThat(options.instead()).isEqualTo(LaunchOptions.Instead.NOTHING);
    }

    @ParameterizedTest
    @CsvSource({
        "-p,PRINT_ALL",
        "--printConfigItem,PRINT_ALL",
        "-m,PRINT_IMPORTANT",
        "--printImportantConfig,PRINT_IMPORTANT",
        "-h,HELP"
    })
    void someOptionsPrintInsteadOfStarting(String option, LaunchOptions.Instead instead) throws StartRefusal {
        assertThat(parse("broker " + option + " -c x").instead()).isEqualTo(instead);
    }

    @Test
    void adoptionIsGivenForOneStart() throws StartRefusal {
        assertThat(parse("broker --adopt").assignments())
                .containsExactly(new Assignment("--adopt", "data.adopt", "true"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "start --dta x",
                "start -x",
                "start x",
                "start --data",
                "start --set a",
                "go",
                "start --x=1",
                "start --data=",
                "start --config=",
                "start --set=",
                "start --background=no",
                "start --help=x",
                "broker -p=x",
                "broker --adopt=yes"
            })
    void whatIsNotUnderstoodIsWrongUsage(String line) {
        assertThatThrownBy(() -> parse(line))
                .isInstanceOfSatisfying(
                        StartRefusal.class,
                        refusal -> assertThat(refusal.exitCode()).isEqualTo(2));
    }

    private static LaunchOptions parse(String line) throws StartRefusal {
        return LaunchOptions.parse(List.of(line.split(" ", -1)));
    }
}
