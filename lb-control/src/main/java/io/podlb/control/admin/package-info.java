/**
 * The admin endpoint: health, metrics, the table, the connections.
 */
@NullMarked
package io.podlb.control.admin;

import org.jspecify.annotations.NullMarked;
