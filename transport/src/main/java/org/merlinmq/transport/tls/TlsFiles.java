package org.merlinmq.transport.tls;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * The PEM files of one end of TLS: its certificate, with those that signed it behind it; the certificate's key; and the certificates
 * that the other end's must be one of, or be signed by. What they hold is read anew when they have changed.
 *
 * <p>Threading: any.
 *
 * <p>Errors: {@link IOException} whose message names the file and what is wrong with it. A certificate is not used before or after its
 * time, and not without its own key.
 */
public final class TlsFiles {
    private final Path certificate;
    private final Path key;
    private final Path trust;

    // Guarded by this.
    private List<Stamp> stamps;
    private SSLContext context;

    /** What differs when a file was changed, or replaced by another one. */
    private record Stamp(
            FileTime modified, long bytes, @Nullable Object id) {
        static Stamp of(Path file) throws IOException {
            try {
                BasicFileAttributes found = Files.readAttributes(file, BasicFileAttributes.class);
                return new Stamp(found.lastModifiedTime(), found.size(), found.fileKey());
            } catch (NoSuchFileException e) {
                throw new IOException(file + " does not exist", e);
            }
        }
    }

    /**
     * Reads the files.
     *
     * @param certificate this end's certificate, and behind it those that signed it, but for the last
     * @param key the certificate's private key: PKCS#8, not encrypted
     * @param trust certificates of authorities, or of the other ends themselves
     * @throws IOException if one cannot be used
     */
    public TlsFiles(Path certificate, Path key, Path trust) throws IOException {
        this.certificate = certificate;
        this.key = key;
        this.trust = trust;
        this.stamps = stamps();
        this.context = load();
    }

    /**
     * What a new connection uses. Reads the files again if they have changed.
     *
     * @param reports is called with a sentence if the changed files cannot be used; what was read before serves on, and the files are
     *     tried again at the next call
     * @return for TLS 1.3 and later
     */
    public synchronized SSLContext context(Consumer<String> reports) {
        try {
            List<Stamp> found = stamps();
            if (!found.equals(stamps)) {
                context = load();
                stamps = found;
            }
        } catch (IOException e) {
            reports.accept(e.getMessage() + "; what was read before is used until this is mended");
        }
        return context;
    }

    private List<Stamp> stamps() throws IOException {
        List<Stamp> found = new ArrayList<>();
        for (Path file : List.of(certificate, key, trust)) {
            found.add(Stamp.of(file));
        }
        return found;
    }

    private SSLContext load() throws IOException {
        List<X509Certificate> chain = Pem.certificates(certificate);
        PrivateKey own = Pem.privateKey(key);
        List<X509Certificate> trusted = Pem.certificates(trust);
        try {
            chain.get(0).checkValidity();
        } catch (CertificateException e) {
            X509Certificate first = chain.get(0);
            throw new IOException(
                    certificate + " is valid from " + first.getNotBefore().toInstant() + " to "
                            + first.getNotAfter().toInstant() + ", not now: make a new one",
                    e);
        }
        try {
            if (!isPair(chain.get(0), own)) {
                throw new IOException(key + " is not the key of the first certificate of " + certificate);
            }
            KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            char[] inMemory = {};
            KeyStore ownStore = emptyStore();
            ownStore.setKeyEntry("own", own, inMemory, chain.toArray(X509Certificate[]::new));
            keys.init(ownStore, inMemory);
            TrustManagerFactory trusts = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            KeyStore others = emptyStore();
            for (int i = 0; i < trusted.size(); i++) {
                others.setCertificateEntry("trusted-" + i, trusted.get(i));
            }
            trusts.init(others);
            SSLContext made = SSLContext.getInstance("TLSv1.3");
            made.init(keys.getKeyManagers(), trusts.getTrustManagers(), null);
            return made;
        } catch (GeneralSecurityException e) {
            throw new IOException(
                    certificate + " and " + key + " cannot be used: " + e.getMessage()
                            + "; expected this end's certificate first, and then the one that signed it",
                    e);
        }
    }

    private static KeyStore emptyStore() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    /** Whether what the key signs is the certificate's. */
    private static boolean isPair(X509Certificate of, PrivateKey own) throws GeneralSecurityException {
        if (!of.getPublicKey().getAlgorithm().equals(own.getAlgorithm())) {
            return false;
        }
        String algorithm = switch (own.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> own.getAlgorithm();
        };
        byte[] text = {1, 2, 3};
        Signature signature = Signature.getInstance(algorithm);
        signature.initSign(own);
        signature.update(text);
        byte[] signed = signature.sign();
        signature.initVerify(of.getPublicKey());
        signature.update(text);
        return signature.verify(signed);
    }
}
