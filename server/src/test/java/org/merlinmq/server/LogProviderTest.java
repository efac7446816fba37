package org.merlinmq.server;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.slf4j.ILoggerFactory;

class LogProviderTest {
    @Test
    void itHasTheSettingsOfLogs() {
        LogProvider provider = new LogProvider();
        provider.initialize();
        ILoggerFactory loggers = provider.getLoggerFactory();
        assertThat(loggers.getLogger("org.merlinmq").isInfoEnabled()).isTrue();
        assertThat(loggers.getLogger("org.merlinmq").isDebugEnabled()).isFalse();
        assertThat(loggers.getLogger("io.netty").isInfoEnabled()).isFalse();
    }
}
