package org.merlinmq.replication.member;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.merlinmq.platform.disk.Disk;
import org.merlinmq.testkit.SimDisk;

/** The members that a test starts, each on a disk of its own, and where they are. */
final class TestMembers implements AutoCloseable {
    static final Path STORE = Path.of("/store");

    final Map<Integer, String> addresses = new ConcurrentHashMap<>();

    /** How members end, the last one first. */
    private final Deque<TestMember> opened = new ArrayDeque<>();

    TestMember.Group group(int size, int copies, boolean flushed) {
        return new TestMember.Group(size, copies, flushed, addresses);
    }

    TestMember start(TestMember.Group group, int number) throws IOException {
        return start(group, number, new SimDisk());
    }

    TestMember start(TestMember.Group group, int number, SimDisk disk) throws IOException {
        return start(group, number, disk, TestMember.BOOT);
    }

    TestMember start(TestMember.Group group, int number, SimDisk disk, UUID boot) throws IOException {
        return start(group, number, disk, STORE, boot);
    }

    TestMember start(TestMember.Group group, int number, Disk disk, Path folder, UUID boot) throws IOException {
        TestMember started = new TestMember(group, number, disk, folder, boot);
        opened.push(started);
        return started;
    }

    /** Ends a member as a kill does; returns the disk that the next one finds. */
    SimDisk kill(TestMember member) {
        forget(member);
        member.kill();
        SimDisk left = ((SimDisk) member.disk).killProcess();
        member.storage().close();
        return left;
    }

    void stop(TestMember member) {
        forget(member);
        member.close();
    }

    /** Leaves a member to its test. */
    void forget(TestMember member) {
        opened.remove(member);
        addresses.remove(member.number);
    }

    @Override
    public void close() {
        for (TestMember each : opened) {
            each.close();
        }
    }
}
