package org.merlinmq.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HostPortTest {
    @Test
    void namesAndAddressesOfBothKindsAreRead() {
        assertThat(HostPort.parse("10.0.0.1:9876")).isEqualTo(new HostPort("10.0.0.1", 9876));
        assertThat(HostPort.parse(" broker-a:10911 ")).isEqualTo(new HostPort("broker-a", 10911));
        assertThat(HostPort.parse("[::1]:9876")).isEqualTo(new HostPort("::1", 9876));
        assertThat(HostPort.parse("[::1]:9876")).hasToString("[::1]:9876");
    }

    @Test
    void listsHaveSemicolonsOrCommas() {
        assertThat(HostPort.parseList("a:1;b:2,c:3;"))
                .extracting(HostPort::host)
                .containsExactly("a", "b", "c");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a", ":1", "a:", "a:b", "a:65536", "a:-1", "a:1234567"})
    void anythingElseIsRefusedWithTheTextInQuestion(String text) {
        assertThatThrownBy(() -> HostPort.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(text);
    }
}
