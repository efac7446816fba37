package org.merlinmq.broker.group;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** A group's settings are replaced and one more group lets the table grow, while pulls look the group up by its bytes. */
@JCStressTest
@Description("Replacing a value and growing never hide a name, and no older value comes back: two looks, one by one.")
@Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "Both looks before the change.")
@Outcome(id = "1, 2", expect = Expect.ACCEPTABLE, desc = "The change came between the looks.")
@Outcome(id = "2, 2", expect = Expect.ACCEPTABLE, desc = "Both looks after the change, before or after the table grew.")
@Outcome(id = "2, 1", expect = Expect.FORBIDDEN, desc = "The older value came back.")
@Outcome(expect = Expect.FORBIDDEN, desc = "The name was not found in between.")
@State
public class NameTableStress {
    private static final int UNTIL_IT_GROWS = 16;
    private static final byte[] NAME = "group".getBytes(StandardCharsets.UTF_8);

    private final NameTable<Integer> table = new NameTable<>();

    public NameTableStress() {
        table.put("group", 1);
        for (int i = 1; i < UNTIL_IT_GROWS; i++) {
            table.put("g" + i, 0);
        }
    }

    @Actor
    public void change() {
        table.put("group", 2);
        table.put("one more", 0);
    }

    @Actor
    public void look(II_Result r) {
        r.r1 = number(table.find(NAME, 0, NAME.length));
        r.r2 = number(table.find(NAME, 0, NAME.length));
    }

    private static int number(@Nullable Integer value) {
        return value == null ? 0 : value;
    }
}
