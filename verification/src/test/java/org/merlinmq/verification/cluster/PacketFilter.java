package org.merlinmq.verification.cluster;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What a machine does not get of the packets that others send to it, as a program of the classic BPF, which the kernel runs on
 * what comes in (tc's classifier {@code bpf} with {@code direct-action}). That takes neither iptables nor nft, drops what the sender
 * has really sent, and works in one direction.
 */
final class PacketFilter {
    /** All of them. */
    static final int ALL_PER_MILLE = 1_000;

    /** Answers of a program: let it pass, drop it. */
    private static final int PASS = 0;

    private static final int DROP = 2;

    private static final int LOAD_HALF = 0x28;
    private static final int LOAD_WORD = 0x20;
    private static final int JUMP_IF_EQUAL = 0x15;
    private static final int JUMP_IF_NOT_BELOW = 0x35;
    private static final int RETURN = 0x06;

    private static final long ETHER_TYPE = 12;
    private static final long IPV4 = 0x0800;
    /** Behind 14 bytes of Ethernet. */
    private static final long SOURCE = 14 + 12;
    /** Where the kernel shows a random number instead of a byte of the packet. */
    private static final long RANDOM = 0xFFFF_F038L;

    private PacketFilter() {}

    /**
     * The program, as tc takes it.
     *
     * @param perMille of each source address, as four numbers: how many of its packets are dropped, 1 to 1,000
     */
    static String program(Map<List<Integer>, Integer> perMille) {
        List<String> sources = new ArrayList<>();
        perMille.forEach((address, rate) -> sources.addAll(drop(address, rate)));
        List<String> all = new ArrayList<>();
        all.add(step(LOAD_HALF, 0, 0, ETHER_TYPE));
        all.add(step(JUMP_IF_EQUAL, 1, 0, IPV4));
        all.add(step(RETURN, 0, 0, PASS));
        all.add(step(LOAD_WORD, 0, 0, SOURCE));
        all.addAll(sources);
        all.add(step(RETURN, 0, 0, PASS));
        return all.size() + "," + String.join(",", all);
    }

    private static List<String> drop(List<Integer> address, int perMille) {
        if (perMille < 1 || perMille > ALL_PER_MILLE) {
            throw new IllegalArgumentException("perMille is " + perMille);
        }
        List<String> then = new ArrayList<>();
        if (perMille < ALL_PER_MILLE) {
            then.add(step(LOAD_WORD, 0, 0, RANDOM));
            then.add(step(JUMP_IF_NOT_BELOW, 1, 0, (1L << 32) * perMille / ALL_PER_MILLE));
            then.add(step(RETURN, 0, 0, DROP));
            then.add(step(RETURN, 0, 0, PASS));
        } else {
            then.add(step(RETURN, 0, 0, DROP));
        }
        long word = 0;
        for (int part : address) {
            word = (word << 8) | part;
        }
        then.addFirst(step(JUMP_IF_EQUAL, 0, then.size(), word));
        return then;
    }

    /** A jump goes on so many steps behind the next one. */
    private static String step(int code, int ifTrue, int ifFalse, long operand) {
        return code + " " + ifTrue + " " + ifFalse + " " + operand;
    }
}
