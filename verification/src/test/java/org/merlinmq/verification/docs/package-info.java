/**
 * What the documentation tells readers to type, typed by a test; where its links lead; and what it says that is served.
 *
 * <p>Start at {@link org.merlinmq.verification.docs.ReadmeTest}.
 */
@NullMarked
package org.merlinmq.verification.docs;

import org.jspecify.annotations.NullMarked;
