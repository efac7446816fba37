package org.merlinmq.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringReader;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;

class PropertiesFileTest {
    private static final String ODD = """
            # a comment
              ! another
            plain=value
            spaced  =  value with blanks
            colon:1
            blank 2
            empty=
            alone
            long=first,\\
                 second
            path=C\\:\\\\data\\u0041
            ke\\=y=v
            equals=a=b
            """;

    @Test
    void aByteOrderMarkIsNoPartOfTheFirstKey() {
        assertThat(PropertiesFile.parse("f", "\uFEFFbrokerName=a").getFirst().key())
                .isEqualTo("brokerName");
    }

    @Test
    void readsWhatThePlatformReads() throws IOException {
        Properties expected = new Properties();
        expected.load(new StringReader(ODD));
        Map<String, String> found = new HashMap<>();
        PropertiesFile.parse("f", ODD).forEach(a -> found.put(a.key(), a.value()));
        assertThat(found).isEqualTo(expected);
    }

    @Test
    void namesTheFirstLineOfEachKey() {
        assertThat(PropertiesFile.parse("f", "a=1\n\nb=2\\\n3\nc=4\n"))
                .extracting(Assignment::place)
                .containsExactly("f:1", "f:3", "f:5");
    }

    @Test
    void dropsBlanksAndCarriageReturnsAtTheEnd() {
        assertThat(PropertiesFile.parse("f", "a=1  \r\nb=2\t\r\n"))
                .extracting(Assignment::value)
                .containsExactly("1", "2");
    }
}
