/**
 * What the documentation tells readers to type, typed by a test.
 *
 * <p>Start at {@link org.merlinmq.verification.docs.ReadmeTest}.
 */
@NullMarked
package org.merlinmq.verification.docs;

import org.jspecify.annotations.NullMarked;
