"""Tests of what an import sheet may say."""
