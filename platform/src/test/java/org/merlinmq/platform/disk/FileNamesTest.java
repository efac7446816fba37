package org.merlinmq.platform.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FileNamesTest {
    private final Locale usual = Locale.getDefault();

    @AfterEach
    void restore() {
        Locale.setDefault(usual);
    }

    @Test
    void numbersHaveTwentyDigits() {
        assertThat(FileNames.digits(0)).isEqualTo("00000000000000000000");
        assertThat(FileNames.digits(1_073_741_824)).isEqualTo("00000000001073741824");
        assertThat(FileNames.digits(Long.MAX_VALUE)).isEqualTo("09223372036854775807");
        assertThatThrownBy(() -> FileNames.digits(-1)).isInstanceOf(IllegalArgumentException.class);
    }

    /** A store that was written under one language is read under any other. */
    @Test
    void digitsAreNotThoseOfTheUsersLanguage() {
        Locale.setDefault(Locale.forLanguageTag("ar-EG"));
        assertThat(FileNames.digits(42)).isEqualTo("00000000000000000042");
    }
}
