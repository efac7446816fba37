package org.merlinmq.replication.member;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.SocketChannel;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * TLS 1.3 over a socket that does not block: both ends show a certificate. Nothing that is written goes out before the other end's
 * certificate was accepted.
 *
 * <pre>
 *  read   ◄── (rest) ◄── SSLEngine ◄── received ◄── socket
 *  write  ──────────────► SSLEngine ──► unsent ────► socket
 * </pre>
 *
 * <p>{@link #read} and {@link #flush} carry on the handshake; it is for the owner to call them: flush once when the socket is connected,
 * read when the selector finds that the socket has something, and as long as {@link #hasMore}, and flush when it takes something,
 * which is of interest while {@link #hasUnsent}.
 *
 * <p>Threading: one thread. The checks of certificates are made on it, too.
 *
 * <p>Errors: {@link SSLException} that says in a sentence what is wrong with the other end, or with this one; then the other end has
 * been sent an alert, and the channel is good for nothing but to be closed.
 */
final class TlsChannel implements ByteChannel {
    private static final Logger LOG = LoggerFactory.getLogger(TlsChannel.class);
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    /** How many records, of at most 16 KiB each, are received or sent at a time. */
    private static final int RECORDS = 8;

    /** A record begins with its type, 20 to 24; other protocols begin otherwise, ours with {@code M}. */
    static final byte FIRST_BYTE = 22;

    private static final int FIRST_TYPE = 20;
    private static final int LAST_TYPE = 24;

    /** What to do where one end uses TLS and the other does not. */
    static final String ALL_OR_NONE =
            "set broker.members-certificate, broker.members-key and broker.members-trust for all"
                    + " members of the group, or for none";

    private final SocketChannel socket;
    private final SSLEngine engine;

    /** From the socket, to be decrypted: from its position to its limit. */
    private final ByteBuffer received;

    /** Whether all whole records that were received are decrypted. */
    private boolean needsMore = true;

    /** Decrypted, where the reader had no room: from its position to its limit. */
    private final ByteBuffer rest;

    /** Encrypted, to be sent: below its position. A record for the engine's own ends is kept free. */
    private final ByteBuffer unsent;

    private final int recordBytes;

    /** Whether anything was received. */
    private boolean heard;

    /** Whether the handshake is done. */
    private boolean open;

    private boolean ended;

    /**
     * TLS over a socket, which is this one's from now on.
     *
     * @param socket connected or connecting, not blocking
     * @param context this end's certificate, and whom it trusts
     * @param opener whether this end has opened the connection
     * @param first what was read of the socket already
     */
    TlsChannel(SocketChannel socket, SSLContext context, boolean opener, ByteBuffer first) throws SSLException {
        this.socket = socket;
        // Without the other end's name, so nothing is resumed: each connection shows its certificates.
        engine = context.createSSLEngine();
        engine.setUseClientMode(opener);
        engine.setNeedClientAuth(true);
        engine.setEnabledProtocols(new String[] {"TLSv1.3"});
        engine.beginHandshake();
        recordBytes = engine.getSession().getPacketBufferSize();
        received = ByteBuffer.allocateDirect(RECORDS * recordBytes).put(first).flip();
        unsent = ByteBuffer.allocateDirect(RECORDS * recordBytes);
        rest = ByteBuffer.allocate(engine.getSession().getApplicationBufferSize())
                .flip();
    }

    /**
     * Receives; carries on the handshake.
     *
     * @return how many bytes were decrypted, 0 if there are none yet; -1 at the stream's end
     */
    @Override
    public int read(ByteBuffer to) throws IOException {
        int before = to.position();
        if (needsMore && !rest.hasRemaining()) {
            receive();
        }
        moveRest(to);
        try {
            while (!rest.hasRemaining() && !ended && step(to)) {
                moveRest(to);
            }
        } catch (SSLException | RuntimeException e) {
            throw failed(e);
        }
        send();
        int count = to.position() - before;
        return count == 0 && ended ? -1 : count;
    }

    /** Whether the next {@link #read} brings something that the socket has given already. */
    boolean hasMore() {
        return rest.hasRemaining();
    }

    private void receive() throws IOException {
        received.compact();
        ended = socket.read(received) < 0;
        received.flip();
        needsMore = false;
    }

    private void moveRest(ByteBuffer to) {
        int count = Math.min(rest.remaining(), to.remaining());
        to.put(rest.slice(rest.position(), count));
        rest.position(rest.position() + count);
    }

    /** One step of the handshake, or one record; false if nothing can be done before the socket has more, or takes more. */
    private boolean step(ByteBuffer to) throws SSLException {
        return switch (engine.getHandshakeStatus()) {
            case NEED_TASK -> {
                engine.getDelegatedTask().run();
                yield true;
            }
            case NEED_WRAP -> wrap(NOTHING, recordBytes);
            default -> unwrap(to);
        };
    }

    private boolean unwrap(ByteBuffer to) throws SSLException {
        if (!heard && received.hasRemaining()) {
            heard = true;
            byte first = received.get(received.position());
            if (first < FIRST_TYPE || first > LAST_TYPE) {
                throw new SSLException("that one does not use it; " + ALL_OR_NONE);
            }
        }
        boolean direct = to.remaining() >= rest.capacity();
        SSLEngineResult result = engine.unwrap(received, direct ? to : rest.clear());
        if (!direct) {
            rest.flip();
        }
        noteEnd(result);
        needsMore = result.getStatus() == Status.BUFFER_UNDERFLOW;
        ended |= result.getStatus() == Status.CLOSED;
        if (result.getStatus() == Status.BUFFER_OVERFLOW) {
            throw new SSLException("a record is longer than TLS allows");
        }
        return result.getStatus() == Status.OK;
    }

    /** Encrypts, if so many bytes are free; returns whether anything came of it. */
    private boolean wrap(ByteBuffer from, int free) throws SSLException {
        if (unsent.remaining() < free) {
            return false;
        }
        SSLEngineResult result = engine.wrap(from, unsent);
        noteEnd(result);
        return result.bytesProduced() > 0;
    }

    /** Java takes a certificate that it was told to trust for good at any time. */
    private void noteEnd(SSLEngineResult of) throws SSLException {
        if (of.getHandshakeStatus() != HandshakeStatus.FINISHED) {
            return;
        }
        X509Certificate others = (X509Certificate) engine.getSession().getPeerCertificates()[0];
        try {
            others.checkValidity();
        } catch (CertificateException e) {
            throw new SSLException(e);
        }
        open = true;
        LOG.info(
                "replica-encrypted address={} subject=\"{}\" suite={}",
                socket.socket().getRemoteSocketAddress(),
                others.getSubjectX500Principal(),
                engine.getSession().getCipherSuite());
    }

    /**
     * Encrypts and sends as much as the socket takes, and a few records more, which {@link #hasUnsent} tells of; nothing before the
     * handshake is done.
     *
     * @return how many bytes were taken
     */
    @Override
    public int write(ByteBuffer from) throws IOException {
        int before = from.position();
        boolean more = open;
        while (more && from.hasRemaining()) {
            if (unsent.remaining() < 2 * recordBytes) {
                send();
            }
            more = wrapOrFail(from, 2 * recordBytes);
        }
        send();
        return from.position() - before;
    }

    /** Sends what was encrypted; carries on the handshake. */
    void flush() throws IOException {
        boolean more = true;
        while (more && engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP) {
            more = wrapOrFail(NOTHING, recordBytes);
        }
        send();
    }

    /** Whether something waits for the socket to take it. */
    boolean hasUnsent() {
        return unsent.position() > 0;
    }

    private boolean wrapOrFail(ByteBuffer from, int free) throws IOException {
        try {
            return wrap(from, free);
        } catch (SSLException | RuntimeException e) {
            throw failed(e);
        }
    }

    private void send() throws IOException {
        if (unsent.position() > 0) {
            unsent.flip();
            try {
                socket.write(unsent);
            } finally {
                unsent.compact();
            }
        }
    }

    /** Sends the engine's last words, as far as the socket takes them. */
    private void sendLast() {
        if (!socket.isConnected()) {
            return;
        }
        try {
            engine.closeOutbound();
            boolean more = true;
            while (more && !engine.isOutboundDone()) {
                more = wrap(NOTHING, recordBytes);
            }
            send();
        } catch (IOException | RuntimeException e) {
            LOG.debug("replica-alert-unsent cause=\"{}\"", e.getMessage());
        }
    }

    /** What an operator can use. If Java itself fails at what a stranger has sent, that ends one connection, not the thread. */
    private SSLException failed(Exception e) {
        sendLast();
        String said = String.valueOf(e.getMessage());
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof CertificateException) {
                return new SSLException(
                        "its certificate is not accepted: " + cause.getMessage()
                                + "; give it one that is valid and signed by one of broker.members-trust",
                        e);
            }
        }
        if (said.contains("Received fatal alert")) {
            return new SSLException(
                    "it does not accept this member (" + said + "); what it reports itself says why", e);
        }
        if (said.contains("Empty client certificate chain")) {
            return new SSLException(
                    "it has no certificate that is signed by one of broker.members-trust; give it one, or add the"
                            + " certificate that signed its own to that file",
                    e);
        }
        return new SSLException(said, e);
    }

    @Override
    public boolean isOpen() {
        return socket.isOpen();
    }

    /** Tells the other end that this is the end, if the socket takes it, and closes the socket. */
    @Override
    public void close() throws IOException {
        sendLast();
        socket.close();
    }
}
