package org.merlinmq.broker.follow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.merlinmq.broker.group.FakeJournal;
import org.merlinmq.broker.offset.ConsumeProgress;
import org.merlinmq.broker.offset.OffsetJson;
import org.merlinmq.broker.offset.OffsetTable;
import org.merlinmq.broker.stats.ThroughputStats;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.protocol.frame.Frame;
import org.merlinmq.protocol.request.UpdateOffsetRequest;

class MasterOffsetsTest {
    private final OffsetTable slave = table();
    private final OffsetTable master = table();
    private final List<String> handedOver = new ArrayList<>();

    private static OffsetTable table() {
        return new OffsetTable(new FakeJournal(), new ThroughputStats(() -> 0, at -> {}, ZoneOffset.UTC), () -> {});
    }

    private Frame commit(Frame request) {
        UpdateOffsetRequest offset = UpdateOffsetRequest.read(request);
        handedOver.add(offset.topic() + ' ' + offset.queueId() + ' ' + offset.commitOffset());
        if (offset.topic().equals("Unknown")) {
            return Frame.reply(request.form(), 0, ResponseCode.TOPIC_NOT_EXIST, "no such topic", null, new byte[0]);
        }
        master.commit(offset.consumerGroup(), offset.topic(), offset.queueId(), offset.commitOffset());
        return Frame.ok(request.form(), 0, null, new byte[0]);
    }

    private void exchange(MasterOffsets offsets) throws InterruptedException {
        offsets.exchange(OffsetJson.write(master), this::commit);
    }

    @Test
    void whatWasCommittedAtTheSlaveWhileTheMasterWasAwayIsCommittedAtTheMaster() throws InterruptedException {
        master.commit("G", "T", 0, 10);
        master.commit("G", "T", 1, 10);
        MasterOffsets offsets = new MasterOffsets(slave);
        exchange(offsets);
        slave.commit("G", "T", 0, 15);
        slave.commit("G", "T", 2, 3);
        master.commit("G", "T", 1, 11);
        exchange(offsets);
        assertThat(handedOver).containsExactlyInAnyOrder("T 0 15", "T 2 3");
        assertThat(OffsetJson.entries(OffsetJson.write(slave)))
                .isEqualTo(OffsetJson.entries(OffsetJson.write(master)))
                .contains(new OffsetJson.Entry("G", "T", 1, 11));
        exchange(offsets);
        assertThat(handedOver).as("once").hasSize(2);
    }

    @Test
    void whatTheMasterWasSetBackToIsTaken() throws InterruptedException {
        slave.commit("G", "T", 0, 7);
        master.commit("G", "T", 0, 10);
        MasterOffsets offsets = new MasterOffsets(slave);
        exchange(offsets);
        assertThat(slave.committed("G", "T", 0)).isEqualTo(10);
        master.commit("G", "T", 0, 2);
        exchange(offsets);
        assertThat(slave.committed("G", "T", 0)).isEqualTo(2);
        slave.commit("G", "T", 0, 1);
        exchange(offsets);
        assertThat(slave.committed("G", "T", 0)).as("lower than the master's").isEqualTo(2);
        assertThat(handedOver).isEmpty();
    }

    @Test
    void whatWasCommittedHereIsKeptUntilTheMasterMayHaveIt() throws InterruptedException {
        master.commit("G", "T", 0, 10);
        MasterOffsets offsets = new MasterOffsets(slave);
        exchange(offsets);
        slave.commit("G", "T", 0, 15);
        master.commit("G", "T", 1, 4);
        for (int i = 0; i < 2; i++) {
            offsets.exchange(OffsetJson.write(master), null);
            assertThat(slave.committed("G", "T", 0)).isEqualTo(15);
            assertThat(slave.committed("G", "T", 1)).isEqualTo(4);
        }
        assertThatThrownBy(() -> offsets.exchange(OffsetJson.write(master), request -> {
                    throw new IllegalStateException("away again");
                }))
                .hasMessage("away again");
        exchange(offsets);
        assertThat(handedOver).containsExactly("T 0 15");
        assertThat(master.committed("G", "T", 0)).isEqualTo(15);
    }

    @Test
    void whatTheMasterRefusesIsNotTriedAgain() throws InterruptedException {
        MasterOffsets offsets = new MasterOffsets(slave);
        exchange(offsets);
        slave.commit("G", "Unknown", 0, 15);
        exchange(offsets);
        exchange(offsets);
        assertThat(handedOver).containsExactly("Unknown 0 15");
        assertThat(master.committed("G", "Unknown", 0)).isEqualTo(ConsumeProgress.NONE);
    }
}
