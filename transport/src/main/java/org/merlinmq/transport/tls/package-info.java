/**
 * What TLS needs of files: a certificate, its key, and whom to trust, read from PEM into Java's own TLS. Sockets are not here.
 * Start at {@link org.merlinmq.transport.tls.TlsFiles}.
 */
@NullMarked
package org.merlinmq.transport.tls;

import org.jspecify.annotations.NullMarked;
