package org.merlinmq.broker.send;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.bytes.Bytes;

/** What a properties string says to a send; {@code =} and {@code ;} stand for 0x01 and 0x02. */
class SendPropertiesTest {
    private static final String BEFORE = "other bytes ";

    private final SendProperties properties = new SendProperties();

    private byte[] scan(String text) {
        byte[] bytes = bytes(BEFORE + text);
        properties.scan(bytes, BEFORE.length(), bytes.length - BEFORE.length());
        return bytes;
    }

    private static byte[] bytes(String text) {
        return Bytes.utf8(text.replace('=', '\u0001').replace(';', '\u0002'));
    }

    private static String value(byte[] bytes, int at, int length) {
        return Bytes.text(bytes, BEFORE.length() + at, length);
    }

    @Test
    void whatTheIndexesNeedIsFoundCountedFromTheFirstProperty() {
        byte[] b = scan("TAGS=a;KEYS=k1 k2;UNIQ_KEY=u;WAIT=false;");
        assertThat(value(b, properties.tagsAt, properties.tagsBytes)).isEqualTo("a");
        assertThat(value(b, properties.keysAt, properties.keysBytes)).isEqualTo("k1 k2");
        assertThat(value(b, properties.uniqueKeyAt, properties.uniqueKeyBytes)).isEqualTo("u");
        assertThat(properties.wait).isFalse();
        assertThat(properties.isRare()).isFalse();
    }

    @Test
    void ofTwoWithOneNameTheLastCounts() {
        byte[] b = scan("TAGS=a;TAGS=bb;");
        assertThat(value(b, properties.tagsAt, properties.tagsBytes)).isEqualTo("bb");
    }

    @Test
    void theLastItemNeedsNoEnd() {
        byte[] b = scan("k=v;TAGS=last");
        assertThat(value(b, properties.tagsAt, properties.tagsBytes)).isEqualTo("last");
        assertThat(properties.terminated).isFalse();
        scan("");
        assertThat(properties.terminated).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"TAGS", "TAGS=", "=TAGS", ";;", "TAGS;=;"})
    void anItemWithoutNameOrValueDoesNotCount(String text) {
        scan(text);
        assertThat(properties.tagsBytes).isZero();
        assertThat(properties.wait).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"DELAY=1;", "TIMER_DELAY_SEC=1;", "TIMER_DELAY_MS=1;", "TIMER_DELIVER_MS=1;"})
    void whatMayDelayIsToBeLookedAt(String text) {
        scan(text);
        assertThat(properties.delayed).isTrue();
        assertThat(properties.isRare()).isTrue();
    }

    @Test
    void onlyTrueMakesAHalfMessage() {
        scan("TRAN_MSG=true;");
        assertThat(properties.transactional).isTrue();
        scan("TRAN_MSG=false;");
        assertThat(properties.transactional).isFalse();
    }

    @Test
    void nothingOfAScanIsLeftInTheNext() {
        scan("TAGS=a;KEYS=k;UNIQ_KEY=u;DELAY=1;TRAN_MSG=true;POP_CK=c;MSG_REGION=r;TRACE_ON=t;CLUSTER=c;WAIT=false;");
        scan("k=v;");
        assertThat(properties.isRare()).isFalse();
        assertThat(properties.tagsBytes + properties.keysBytes + properties.uniqueKeyBytes)
                .isZero();
        assertThat(properties.region || properties.trace || properties.cluster).isFalse();
        assertThat(properties.wait).isTrue();
    }

    @Test
    void whatIsStorableIsCopiedInItsOrder() {
        byte[] b = scan("a=1;POP_CK=x;__RMQ.TRANSIENT.b=2;POP_CKX=3;c=4");
        assertThat(properties.unstorable).isTrue();
        ByteWriter out = new ByteWriter();
        properties.copyStorable(b, BEFORE.length(), b.length - BEFORE.length(), out);
        assertThat(out.toByteArray()).isEqualTo(bytes("a=1;POP_CKX=3;c=4;"));
    }
}
