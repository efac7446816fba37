package org.merlinmq.protocol.frame;

/** How the header of a frame is written; the number is the fifth byte of the frame. */
public enum HeaderForm {
    /** A JSON object. */
    JSON(0),
    /** Length-prefixed fields. */
    BINARY(1);

    private final int number;

    HeaderForm(int number) {
        this.number = number;
    }

    /** The fifth byte of a frame of this form. */
    public int number() {
        return number;
    }
}
