package org.merlinmq.storage.run;

import org.merlinmq.platform.disk.Damage;

/** A run's bytes are not what was written. Its owner drops the run and asks for a rebuild from the log. */
public final class DamagedRunException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Damage damage;

    DamagedRunException(Damage damage) {
        super(damage.toString());
        this.damage = damage;
    }

    /** Where and what. */
    public Damage damage() {
        return damage;
    }
}
