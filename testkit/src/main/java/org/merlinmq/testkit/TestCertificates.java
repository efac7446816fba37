package org.merlinmq.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * Certificates and their keys in PEM files, which {@code keytool} of the JDK makes for a test.
 *
 * <p>Threading: one thread.
 */
public final class TestCertificates {
    /** An option of {@link #make}: it is valid no more since a year ago. */
    public static final List<String> EXPIRED = List.of("-startdate", "-2y", "-validity", "365");

    /** Of the store, and of each key in it. */
    public static final String PASSWORD = "changeit";

    private final Path folder;

    /** None yet; {@code folder} is where the files will be. */
    public TestCertificates(Path folder) {
        this.folder = folder;
    }

    /**
     * Makes a certificate for TLS, signed by itself.
     *
     * @param name of its files, and of its subject
     * @param options of {@code keytool -genkeypair}, such as {@link #EXPIRED}
     */
    public void make(String name, List<String> options) throws IOException, GeneralSecurityException {
        make(name, "", options);
    }

    /** Makes a certificate that may sign others, signed by itself. */
    public void makeAuthority(String name) throws IOException, GeneralSecurityException {
        make(name, "", List.of("-ext", "bc:c=ca:true"));
    }

    /**
     * Makes a certificate for TLS.
     *
     * @param name of its files, and of its subject
     * @param signer the authority that signs it; empty: itself
     * @param options of {@code keytool -genkeypair}
     */
    public void make(String name, String signer, List<String> options) throws IOException, GeneralSecurityException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-J-XX:TieredStopAtLevel=1",
                "-genkeypair",
                "-keystore",
                storeFile().toString(),
                "-storepass",
                PASSWORD,
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1",
                "-alias",
                name,
                "-dname",
                "CN=" + name));
        if (!signer.isEmpty()) {
            command.addAll(List.of("-signer", signer));
        }
        command.addAll(options);
        run(command);
        KeyStore keys = store();
        StringBuilder chain = new StringBuilder();
        for (Certificate each : keys.getCertificateChain(name)) {
            chain.append(pem("CERTIFICATE", each.getEncoded()));
        }
        Files.writeString(certificate(name), chain);
        Key key = keys.getKey(name, PASSWORD.toCharArray());
        Files.writeString(key(name), pem("PRIVATE KEY", key.getEncoded()));
    }

    private Path storeFile() {
        return folder.resolve("keys.p12");
    }

    /** All that were made, under their names and {@link #PASSWORD}. */
    public KeyStore store() throws IOException, GeneralSecurityException {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(storeFile())) {
            keys.load(in, PASSWORD.toCharArray());
        }
        return keys;
    }

    private void run(List<String> command) throws IOException {
        Path out = folder.resolve("keytool.out");
        Process keytool = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(out.toFile())
                .start();
        try {
            if (keytool.waitFor() != 0) {
                throw new IOException("keytool: " + Files.readString(out));
            }
        } catch (InterruptedException e) {
            keytool.destroy();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    /** The file of a certificate, and behind it those that signed it. */
    public Path certificate(String name) {
        return folder.resolve(name + ".pem");
    }

    /** The file of a certificate's key. */
    public Path key(String name) {
        return folder.resolve(name + ".key");
    }

    /**
     * Text as a PEM file has it.
     *
     * @param label such as {@code CERTIFICATE}
     * @param bytes what it is of
     * @return one block, with a line end behind it
     */
    public static String pem(String label, byte[] bytes) {
        byte[] end = "\n".getBytes(StandardCharsets.US_ASCII);
        return "-----BEGIN " + label + "-----\n"
                + Base64.getMimeEncoder(64, end).encodeToString(bytes) + "\n-----END " + label + "-----\n";
    }
}
