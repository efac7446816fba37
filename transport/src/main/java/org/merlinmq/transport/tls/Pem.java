package org.merlinmq.transport.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Certificates and private keys in PEM files.
 *
 * <p>Errors: each names the file, what is wrong with it, and what to do.
 */
final class Pem {
    /** More than the certificates of all authorities that browsers trust. */
    private static final int MAX_BYTES = 1 << 20;

    private static final Pattern KEY =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]*PRIVATE KEY)-----([A-Za-z0-9+/=\\s]*+)-----END \\1-----");

    private static final List<String> ALGORITHMS = List.of("RSA", "EC", "EdDSA");

    private Pem() {}

    /** All certificates of a file, in its order; at least one. */
    static List<X509Certificate> certificates(Path file) throws IOException {
        byte[] bytes = read(file);
        try {
            List<X509Certificate> found =
                    CertificateFactory.getInstance("X.509")
                            .generateCertificates(new ByteArrayInputStream(bytes))
                            .stream()
                            .map(X509Certificate.class::cast)
                            .toList();
            if (!found.isEmpty()) {
                return found;
            }
        } catch (CertificateException e) {
            throw new IOException(
                    file + " cannot be read as certificates (" + e.getMessage()
                            + "): expected one or more blocks BEGIN CERTIFICATE, and nothing else",
                    e);
        }
        throw new IOException(file + " has no certificate: expected one or more blocks BEGIN CERTIFICATE");
    }

    /** The private key of a file, which is not encrypted. */
    static PrivateKey privateKey(Path file) throws IOException {
        Matcher block = KEY.matcher(new String(read(file), StandardCharsets.ISO_8859_1));
        if (!block.find()) {
            throw new IOException(file + " has no private key: expected a block BEGIN PRIVATE KEY (PKCS#8)");
        }
        if (!block.group(1).equals("PRIVATE KEY")) {
            throw new IOException(
                    file + " has a block BEGIN " + block.group(1)
                            + ": expected BEGIN PRIVATE KEY (PKCS#8, not encrypted); convert it with openssl pkcs8 -topk8 -nocrypt");
        }
        PKCS8EncodedKeySpec key;
        try {
            key = new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(block.group(2)));
        } catch (IllegalArgumentException e) {
            throw new IOException(file + " has a damaged private key: " + e.getMessage(), e);
        }
        return decode(file, key);
    }

    private static PrivateKey decode(Path file, PKCS8EncodedKeySpec key) throws IOException {
        InvalidKeySpecException last = null;
        for (String algorithm : ALGORITHMS) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(key);
            } catch (InvalidKeySpecException e) {
                last = e;
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("every Java has " + algorithm, e);
            }
        }
        throw new IOException(
                file + " has a private key that is damaged or of an unknown kind: expected one of RSA, EC or Ed25519",
                last);
    }

    private static byte[] read(Path file) throws IOException {
        byte[] bytes;
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(MAX_BYTES + 1);
        } catch (NoSuchFileException e) {
            throw new IOException(file + " does not exist", e);
        } catch (IOException e) {
            throw new IOException(file + " cannot be read: " + e.getMessage(), e);
        }
        if (bytes.length > MAX_BYTES) {
            throw new IOException(file + " has more than " + MAX_BYTES + " bytes: expected certificates or a key");
        }
        return bytes;
    }
}
