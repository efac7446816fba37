package org.merlinmq.protocol.frame;

import org.merlinmq.protocol.bytes.Bytes;

/** The language a peer is written in; the number stands in binary headers, the name stands in JSON ones. */
public enum Language {
    /** Java, and the default where nothing is said. */
    JAVA(0),
    /** C++: gets offset resets in a body form of its own. */
    CPP(1),
    /** .NET. */
    DOTNET(2),
    /** Python. */
    PYTHON(3),
    /** Delphi. */
    DELPHI(4),
    /** Erlang. */
    ERLANG(5),
    /** Ruby. */
    RUBY(6),
    /** Any language not listed here. */
    OTHER(7),
    /** HTTP. */
    HTTP(8),
    /** Go. */
    GO(9),
    /** PHP. */
    PHP(10),
    /** OpenMessaging. */
    OMS(11),
    /** Rust. */
    RUST(12),
    /** Node.js. */
    NODE_JS(13);

    private static final Language[] ALL = values();

    private final int number;

    Language(int number) {
        this.number = number;
    }

    /** The code in binary headers. */
    public int number() {
        return number;
    }

    /**
     * Finds a language by its code.
     *
     * @param code the byte of a binary header
     * @return the language; {@link #OTHER} for a code we do not know
     */
    public static Language of(int code) {
        return code >= 0 && code < ALL.length ? ALL[code] : OTHER;
    }

    /** The code of the language named by a run of ASCII bytes, without making a text. */
    static int codeOf(byte[] b, int at, int length) {
        for (Language language : ALL) {
            if (Bytes.equalsAscii(b, at, length, language.name())) {
                return language.number;
            }
        }
        return OTHER.number;
    }

    /** The code of a named language. */
    static int codeOf(String name) {
        for (Language language : ALL) {
            if (language.name().equals(name)) {
                return language.number;
            }
        }
        return OTHER.number;
    }
}
