package org.merlinmq.platform.disk;

/** Numbers in the names of files. */
public final class FileNames {
    private static final String ZEROS = "00000000000000000000";

    /** How many digits a number has in a name, so that names sort as their numbers do. */
    public static final int DIGITS = ZEROS.length();

    private FileNames() {}

    /**
     * A number as it stands in the name of a file. Not by {@code String.format}: that writes the digits of the user's
     * language, by which no file is found again, and loading them costs a start 20 ms.
     *
     * @param number at least 0
     * @return {@link #DIGITS} digits, 0 to 9
     */
    public static String digits(long number) {
        if (number < 0) {
            throw new IllegalArgumentException("files have no negative numbers such as " + number);
        }
        String digits = Long.toString(number);
        return ZEROS.substring(digits.length()) + digits;
    }
}
