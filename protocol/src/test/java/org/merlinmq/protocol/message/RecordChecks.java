package org.merlinmq.protocol.message;

import static org.assertj.core.api.Assertions.assertThat;

/** What must hold for any bytes that claim to be a record. */
public final class RecordChecks {
    private RecordChecks() {}

    /**
     * Looks at bytes as a record; if they pass, all parts lie inside.
     *
     * @param view is reused
     * @param bytes anything
     */
    public static void readsWithinBounds(RecordView view, byte[] bytes) {
        if (!view.on(bytes, 0, bytes.length)) {
            return;
        }
        assertThat(view.totalBytes()).isLessThanOrEqualTo(bytes.length);
        assertThat(view.propertiesAt() + view.propertiesBytes()).isEqualTo(view.totalBytes());
        view.bodyCrcMatches();
        assertThat(view.bodyAt() + view.bodyBytes()).isLessThan(view.topicAt());
        assertThat(view.topic().length()).isLessThanOrEqualTo(view.topicBytes());
        assertThat(view.properties()).doesNotContainKey("");
        assertThat(view.bornHost() + view.storeHost()).isNotEmpty();
    }
}
