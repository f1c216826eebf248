/**
 * Sample suites, to be copied: what a client library does when Pods come, go, die and dawdle, and what it takes to keep
 * that from its users. Each scenario is played twice, with a protection, and without it to see that it is the protection
 * that helps. They use nothing but the public types of the test kit.
 */
package io.podlb.samples;
