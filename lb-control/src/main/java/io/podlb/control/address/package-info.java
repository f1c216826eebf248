/**
 * Where front ends are bound: the mapping of cluster IPs and node ports to socket addresses of this machine.
 */
@NullMarked
package io.podlb.control.address;

import org.jspecify.annotations.NullMarked;
